"""Scripts that are run, not collected; their modules are found here."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "peers")]
# peers import what is not installed for development
collect_ignore_glob = ["peers/*", "measure.py", "problems.py", "reference.py", "run.py"]
