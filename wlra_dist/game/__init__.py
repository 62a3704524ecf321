"""The communication game: parties, located values, messages, their account, and the worlds it is played in."""

from wlra_dist.game.book import Entry as Entry
from wlra_dist.game.game import Coins as Coins
from wlra_dist.game.game import Game as Game
from wlra_dist.game.ledger import Ledger as Ledger
from wlra_dist.game.ledger import Model as Model
from wlra_dist.game.located import Faceted as Faceted
from wlra_dist.game.located import Located as Located
from wlra_dist.game.located import Parties as Parties
from wlra_dist.game.located import Party as Party
from wlra_dist.game.located import PerParty as PerParty
from wlra_dist.game.stopwatch import Stopwatch as Stopwatch
from wlra_dist.game.witness import Witness as Witness
