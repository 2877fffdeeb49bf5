"""The table of known layouts, in the order in which they are tried. A new tool: one file, one line here."""

from crisis.adapters.importers.formats.brandwatch import BRANDWATCH
from crisis.adapters.importers.formats.hootsuite import HOOTSUITE, HOOTSUITE_OWN_POSTS
from crisis.adapters.importers.formats.meltwater import MELTWATER
from crisis.adapters.importers.formats.mention import MENTION
from crisis.adapters.importers.formats.sprout import SPROUT
from crisis.adapters.importers.formats.talkwalker import TALKWALKER

LAYOUTS = (BRANDWATCH, TALKWALKER, MELTWATER, HOOTSUITE, HOOTSUITE_OWN_POSTS, SPROUT, MENTION)
