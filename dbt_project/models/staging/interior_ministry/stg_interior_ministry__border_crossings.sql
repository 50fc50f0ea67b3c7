{{ border_crossings('interior_ministry__border_crossings') }}
