"""From a finished build to what people use: releases."""
