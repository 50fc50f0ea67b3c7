{{ known_values("dataset = 'interior_ministry__temporary_residence_permits'") }}
