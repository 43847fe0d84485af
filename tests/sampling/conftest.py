import sys
from pathlib import Path

# the toy targets must be importable by name, also in workers that unpickle them
sys.path.insert(0, str(Path(__file__).parent))
