"""Bureau of National Statistics: Taldau and files of stat.gov.kz; each module one dataset."""
