{{ foreign_labour_by('country') }}
