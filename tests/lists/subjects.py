"""Whatever is tried: a fake store of each paging kind, and both lists of each shipped provider."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lists import dialects
from tests.lists.doors import DOORS, Door
from tests.lists.kinds import KINDS, PAGE_SIZE, TIMED, Kind, write_overlay
from tests.lists.recorded_store import PAGE_SIZE as SHOP_PAGE_SIZE
from tests.lists.recorded_store import RecordedStore
from tests.lists.sandbox_store import SandboxStore
from tests.lists.scenarios import SCENARIOS, shop_scenarios
from tests.lists.stock import BY_ID
from tests.lists.stores import FakeStore
from tests.providers.recorded_shop import ACCOUNT as SHOP
from truto_unify import Account
from truto_unify.sandbox.serve import STORES, Sandbox
from truto_unify.sandbox.store import Store as SandboxState

if TYPE_CHECKING:
    from tests.lists.dialects import Dialect
    from tests.lists.scenarios import Scenario
    from tests.lists.site import Store
    from tests.lists.stock import Order, Stock

_SMALL_PAGES = "".join(
    f"  {name}: {{{endpoint}: {{pagination: {{max_page_size: {PAGE_SIZE}}}}}}}\n"
    for name, endpoint in (("customers", "list"), ("orders", "of_customer"))
)
RECORDED_SLUG = "recorded_shop"
_ROOT = Path(__file__).resolve().parents[2]
_SIDE_LOAD = tuple(door for door in DOORS if door.name == "side load")
_OTHER_DOORS = tuple(door for door in DOORS if door.name != "side load")

# Both sides of each edge: of a native page (100), of half a page, of the whole shop (160 customers), and some between.
_EDGES = (2, 7, 10, 20, 30, 33, 49, 50, 51, 79, 80, 81, 99, 100, 101, 120, 150, 159, 160, 161, 199, 200, 250)


@dataclass(frozen=True)
class Subject:
    """One list of one store.

    Attributes:
        kind: how it is paged.
        doors: through which it is read.
        dialect: where it speaks, for one of a shipped provider.
        shop_limits: the limits that are tried on the recorded shop, which is the subject that has any.
    """

    kind: Kind
    doors: tuple[Door, ...] = DOORS
    dialect: Dialect | None = field(default=None, hash=False)
    shop_limits: tuple[int | None, ...] = ()

    @property
    def name(self) -> str:
        """As the table shows it."""
        return self.kind.name

    @property
    def is_shipped(self) -> bool:
        """Whether the provider's files ship with the package."""
        return self.dialect is not None

    @property
    def leaves_out(self) -> bool:
        """Whether the mapping leaves records out."""
        return self.dialect is not None and self.dialect.leaves_out

    @property
    def page_size(self) -> int:
        """Records on its largest page."""
        return SHOP_PAGE_SIZE if self.shop_limits else PAGE_SIZE

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios of the store."""
        return shop_scenarios() if self.shop_limits else tuple(filter(self._fits, SCENARIOS))

    def _fits(self, scenario: Scenario) -> bool:
        """Whether the scenario makes sense here; the shipped stores know no filter of the harness."""
        if self.dialect is not None and (
            scenario.company is not None or (self.dialect.counts_in_secret and scenario.is_changing)
        ):
            return False
        return scenario.fits(self.kind)

    def sorts(self, order: Order) -> bool:
        """Whether the store itself knows the order, so that nobody has to read the whole list for it."""
        if self.shop_limits:
            return order.field != "updated"
        return self.dialect is None or order == BY_ID or order in self.dialect.orders.values()

    def open(self, stock: Stock) -> Store:
        """The store with these records."""
        if self.shop_limits:
            return RecordedStore(stock)
        if self.dialect is None:
            return FakeStore(self.kind, stock)
        return SandboxStore(self.dialect, stock, holds_orders=self.doors == _SIDE_LOAD)

    def account(self, scenario: Scenario) -> Account:
        """Who asks."""
        if self.shop_limits:
            return replace(SHOP, provider=RECORDED_SLUG)
        if self.dialect is None:
            slug = f"{self.kind.name}{TIMED if scenario.is_timed else ''}"
            return Account(provider=slug, credentials={"token": "invented"})
        slug, origin = self.dialect.provider, "https://store.example.test"
        state = SandboxState.of([])
        account = Account(**Sandbox({slug: state}, STORES[slug](state)).account_arguments(slug, origin))
        assert account.base_url is not None
        return replace(account, base_url=account.base_url.replace(f"{origin}/{slug}", origin))


SUBJECTS = (
    *(Subject(kind) for kind in KINDS),
    *(Subject(dialect.kind, _OTHER_DOORS, dialect) for dialect in dialects.CUSTOMERS),
    *(Subject(dialect.kind, _SIDE_LOAD, dialect) for dialect in dialects.ORDERS),
    Subject(
        Kind("recorded shop", "number", "", frozenset({"total", "pages"}), has_offset=True, in_header=True),
        tuple(door for door in DOORS if door.name in {"list at once", "list by cursor", "iterate"}),
        shop_limits=(*_EDGES, None),
    ),
)


def write_overlays(folder: Path) -> Path:
    """The files of the fake stores, and small pages for the shipped ones."""
    write_overlay(folder)
    for dialect in dialects.CUSTOMERS:
        path = folder / "providers" / f"{dialect.provider}.yaml"
        path.write_text(f"resources:\n{_SMALL_PAGES}", encoding="utf-8")
    # The recorded shop is read in pages of the size that ships.
    for kind in ("providers", "mappings/ecommerce/customers"):
        shipped = (_ROOT / kind / f"{SHOP.provider}.yaml").read_text(encoding="utf-8")
        (folder / kind / f"{RECORDED_SLUG}.yaml").write_text(shipped, encoding="utf-8")
    return folder
