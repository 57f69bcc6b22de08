"""Where the documents are tested: what reads a built site, and what plays a tutorial."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
