{{ border_crossings('border_service__border_crossings') }}
