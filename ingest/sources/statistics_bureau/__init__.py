"""Bureau of National Statistics: Taldau (taldau.stat.gov.kz) and files of stat.gov.kz; each module one dataset."""
