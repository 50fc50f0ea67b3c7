{{ foreign_labour_by('activity') }}
