{{ known_values("indicator in ('border_crossings', 'border_crossings_labour_purpose')", ['direction']) }}
