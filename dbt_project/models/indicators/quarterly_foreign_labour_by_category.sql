{{ foreign_labour_by('permit_category') }}
