"""Write the recorded file of UN net migration, from tools/figures/.

Run `.venv/bin/python -m tools.record_net_migration [FOLDER]`; without a folder it writes the recorded
files of the dataset.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from ingest.recorded import recorded_folder
from ingest.sources.un_desa.net_migration import DATASET, HEADER
from tools.letter import Letter, write_letters

FIGURES = Path(__file__).parent / "figures" / f"{DATASET.name}.csv"
PUBLISHER = "United Nations, World Population Prospects 2024"
ORIGIN = (
    "Net migration of Kazakhstan, Kyrgyzstan, the Russian Federation, Tajikistan, Turkmenistan and "
    "Uzbekistan, 1950 to 2024, of the United Nations' World Population Prospects 2024 (CC BY 3.0 IGO), "
    "taken from the copy that the repository ThGaskin/Migration_flows keeps at "
    "Data/Net_migration/UN_WPP_2024_net_migration.csv; the United Nations' own file was never seen. The"
    " figures are real and stand in tools/figures/; this file has the columns of that copy without its "
    "row numbers, and prints years and persons as the copy does, with `.0`."
)


def letter() -> Letter:
    with FIGURES.open(encoding="utf-8") as file:
        figures = [[f"{row['year']}.0", row["country"], row["net_migrants"]] for row in csv.DictReader(file)]
    return Letter("UN_WPP_2024_net_migration.csv", [list(HEADER), *figures], publisher=PUBLISHER)


def _csv(letter: Letter) -> bytes:
    return "".join(f"{','.join(map(str, line))}\n" for line in letter.lines).encode()


def main(folder: Path) -> None:
    write_letters(folder, [letter()], ORIGIN, "tools/record_net_migration.py", save=_csv)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
