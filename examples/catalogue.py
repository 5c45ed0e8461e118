"""The maker's base data: places, parts and prices, dealers, suppliers, machines and policies."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from examples.chance import Weighted, one_of
from examples.files import Files, decimal
from examples.sizes import FIRST_DAY, FOREIGN, RESTRICTED, Size

MODELS: Final = (
    "ZY16", "ZY28", "ZY35", "ZY55", "ZY80", "ZY150", "ZY210", "ZY260", "ZY330",  # Excavators.
    "ZYL40", "ZYL80", "ZYL160", "ZY80SD", "ZY150SD", "ZY210SD", "QUY20A", "QUY50A",
)  # fmt: skip
RETURN_DUTY: Final = frozenset({"ZY55", "ZY80", "ZY210", "ZYL80", "ZY150SD", "QUY50A"})
NEW_POLICY_FROM: Final = date(2023, 7, 1)  # Two years since then, five before.
FAULTS: Final = ("F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08")
NEW_PRICES_FROM: Final = date(2025, 10, 1)
SUPPLIERS: Final = 24
USER_KNOWN_AFTER: Final = timedelta(days=10)  # For the first machine; for others when sold.
VAT_PERCENT: Final = 13
CUSTODY: Final = "R01"
CNY_PER_USD: Final = 7
_CITIES: Final = (
    "长沙", "武汉", "成都", "南京", "济南", "西安", "郑州", "合肥", "昆明", "贵阳", "太原", "兰州",
    "沈阳", "福州", "南昌",
)  # fmt: skip
_NAMES: Final = (
    "湘江", "宏达", "鑫源", "永盛", "恒力", "华南", "顺通", "金桥", "泰和", "广源", "骏业", "瑞丰",
)  # fmt: skip
_NOUNS: Final = (
    "液压泵 hydraulic pump", "回转马达 swing motor", "行走马达 travel motor", "主阀 main valve",
    "斗齿 bucket tooth", "履带板 track shoe", "支重轮 track roller", "引导轮 idler",
    "滤芯 filter element", "密封圈 seal ring", "轴套 bushing", "销轴 pin", "螺栓 bolt",
    "软管 hose", "散热器 radiator", "起动机 starter", "发电机 alternator", "传感器 sensor",
    "控制器 controller", "油缸 cylinder", "钢丝绳 wire rope", "制动片 brake pad",
)  # fmt: skip
# Class: cost in fen from and to, and the margin on top of it in percent: wear parts at none,
# standard parts at a small one (docs/domain.md, "Price lists").
_CLASSES: Final = {
    "module": (30_000, 900_000, 25),
    "standard": (200, 8_000, 5),
    "wear": (1_500, 40_000, 0),
}


@dataclass(frozen=True)
class Dealer:
    code: str
    currency: str
    warehouse: str
    pays_each_order: bool
    consigned: bool


@dataclass(frozen=True)
class Machine:
    serial: str
    model: str
    dealer: int
    sold_on: date
    user: str


class Catalogue:
    """What the documents refer to. Parts are known by their index; amounts are in fen or cents."""

    def __init__(self, size: Size, random: Random) -> None:
        self.size = size
        self._random = random
        self.warehouses = [f"W{index:02}" for index in range(1, size.warehouses + 1)]
        self.classes = [one_of(random, (*_CLASSES, "wear")) for _ in range(size.parts)]
        self.costs = [self._cost(kind) for kind in self.classes]
        self.raised = {part for part in range(size.parts) if random.random() < 0.15}
        every = round(1 / RESTRICTED)
        self.restricted = range(every - 1, size.parts, every)
        self.unserviceable = range(every // 2, size.parts, every // 2 * 5)
        kept = {*self.restricted, *self.unserviceable}
        sellable = [part for part in range(size.parts) if part not in kept]
        self.active = random.sample(sellable, size.active_parts)
        self._sells = frozenset(self.active)
        self.weights = [1 / (rank + size.active_parts / 5) for rank in range(size.active_parts)]
        self.dealers = [self._dealer(index) for index in range(size.dealers)]
        self.dealer_weights = self._dealer_weights()
        by_weight = Weighted(random, self.dealer_weights)
        self.machines = [self._machine(index, by_weight.draw()) for index in range(size.machines)]

    def part(self, index: int) -> str:
        return f"P-{10001 + index}"

    def price(self, part: int, currency: str, on: date) -> int:
        """Settlement price of a piece before tax, in minor units of a currency."""
        margin = _CLASSES[self.classes[part]][2]
        raised = 4 if part in self.raised and on >= NEW_PRICES_FROM else 0
        yuan = self.costs[part] * (100 + margin + raised) // 100
        return yuan if currency == "CNY" else yuan // CNY_PER_USD

    def covered(self, machine: Machine, on: date) -> bool:
        """Whether a failure on a day falls inside the term of the policy at the sale date."""
        years = 2 if machine.sold_on >= NEW_POLICY_FROM else 5
        end = machine.sold_on.replace(year=machine.sold_on.year + years, day=1)
        return machine.sold_on <= on < end

    def write(self, files: Files) -> None:
        self._write_places(files)
        self._write_parts(files)
        self._write_exchange_rates(files)
        self._write_dealers(files)
        self._write_suppliers(files)
        for index, machine in enumerate(self.machines):
            card = {
                "serial": machine.serial, "model": machine.model,
                "dealer": self.dealers[machine.dealer].code, "sold_on": machine.sold_on,
            }  # fmt: skip
            if index:
                files.write("machines.csv", **card, user=machine.user)
                continue
            files.write("machines.csv", **card)
            known_from = machine.sold_on + USER_KNOWN_AFTER
            files.write("machines.csv", **card, user=machine.user, effective_from=known_from)
        for model in MODELS:
            for since, months in ((date(2015, 1, 1), 60), (NEW_POLICY_FROM, 24)):
                files.write(
                    "policies.csv", model=model, effective_from=since, term_months=months,
                    covered_causes=";".join(FAULTS) if model.endswith("SD") else "",
                    handling_rate="0.05", tolerance="5.00", currency="CNY", submission_days=30,
                    return_days=30 if model in RETURN_DUTY else 0, chargeback_months=12,
                )  # fmt: skip

    def _write_places(self, files: Files) -> None:
        for index, code in enumerate(self.warehouses):
            title = "中心库" if index == 0 else f"{_CITIES[index % len(_CITIES)]}区域库"
            files.write("places.csv", place=code, description=title, kind="warehouse")
        files.write(
            "places.csv", place=CUSTODY, description="旧件库 returned parts", kind="custody"
        )

    def _write_exchange_rates(self, files: Files) -> None:
        """The dollar falls a little from month to month."""
        for months in range(self.size.months + 1):
            since = FIRST_DAY.replace(
                year=FIRST_DAY.year + (FIRST_DAY.month - 1 + months) // 12,
                month=(FIRST_DAY.month - 1 + months) % 12 + 1,
            )
            files.write("exchange_rates.csv", from_currency="USD", to_currency="CNY",
                        effective_from=since, rate=f"7.{1650 - 73 * months % 400:04}",
                        source="中国人民银行 PBOC")  # fmt: skip

    def _write_parts(self, files: Files) -> None:
        for kind, currency in (("settlement", "CNY"), ("settlement", "USD"), ("guide", "CNY")):
            for vat_rate, since in (("0.16", ""), ("0.13", "2019-04-01")):
                files.write("price_lists.csv", price_list=kind, currency=currency,
                            vat_rate=vat_rate, effective_from=since)  # fmt: skip
        for part in range(self.size.parts):
            number = self.part(part)
            restricted = part in self.restricted
            files.write("parts.csv", part=number, part_class=self.classes[part],
                        description=f"{_NOUNS[part % len(_NOUNS)]} {part // len(_NOUNS) + 1}",
                        serviceable=str(part not in self.unserviceable).lower(),
                        restricted=str(restricted).lower())  # fmt: skip
            if restricted:
                continue
            self._write_price(files, part, "guide", "CNY", FIRST_DAY)
            self._write_settlement_prices(files, part, FIRST_DAY)
            if part in self.raised:
                self._write_settlement_prices(files, part, NEW_PRICES_FROM)

    def _write_settlement_prices(self, files: Files, part: int, on: date) -> None:
        """In yuan for all parts, in dollars for those that sell."""
        self._write_price(files, part, "settlement", "CNY", on)
        if part in self._sells:
            self._write_price(files, part, "settlement", "USD", on)

    def _write_price(self, files: Files, part: int, kind: str, currency: str, on: date) -> int:
        price = self.price(part, currency, on) * (130 if kind == "guide" else 100) // 100
        return files.write("prices.csv", price_list=kind, currency=currency, part=self.part(part),
                           effective_from=on, unit_price=decimal(price))  # fmt: skip

    def _write_dealers(self, files: Files) -> None:
        for index, dealer in enumerate(self.dealers):
            city = "Nairobi" if dealer.currency == "USD" else one_of(self._random, _CITIES)
            name = _NAMES[index % len(_NAMES)]
            title = (
                f"{city} Machinery Ltd"
                if dealer.currency == "USD"
                else (f"{city}{name}工程机械有限公司")
            )
            row: dict[str, Any] = {
                "dealer": dealer.code, "title": title, "level": one_of(self._random, "ABC"),
                "region_tier": one_of(self._random, "ABC"), "currency": dealer.currency,
                "tax_number": f"9143{index:014}X",
                "payment_days": one_of(self._random, (30, 45, 60)),
                "parent": self.dealers[0].code if index % 5 == 4 else None,
            }  # fmt: skip
            files.write("dealers.csv", **row)
            if index == 0:  # Agreed anew, as its prices are.
                later = {"payment_days": 15, "effective_from": NEW_PRICES_FROM}
                files.write("dealers.csv", **row | later)

    def _write_suppliers(self, files: Files) -> None:
        for index in range(SUPPLIERS):
            city, name = _CITIES[index % len(_CITIES)], _NAMES[index % len(_NAMES)]
            files.write("suppliers.csv", supplier=f"S{index + 1:02}", currency="CNY",
                        title=f"{city}{name}配件有限公司", tax_number=f"9144{index:014}X",
                        payment_days=(30, 60, 90)[index % 3])  # fmt: skip

    def _cost(self, kind: str) -> int:
        low, high, _ = _CLASSES[kind]
        return int(low * (high / low) ** self._random.random())

    def _dealer(self, index: int) -> Dealer:
        """The last twentieth of the dealers, one at least, is abroad."""
        abroad = index >= self.size.dealers - max(1, round(self.size.dealers * FOREIGN))
        return Dealer(
            code=f"D{index + 1:0{max(2, len(str(self.size.dealers)))}}",
            currency="USD" if abroad else "CNY",
            warehouse=self.warehouses[index % len(self.warehouses)],
            pays_each_order=index % 12 == 3,
            consigned=index % 6 == 1,
        )

    def _dealer_weights(self) -> list[float]:
        """As they come, but so that the foreign ones make their share of the trade."""
        drawn = [0.5 + self._random.random() for _ in self.dealers]
        at_home = sum(w for w, d in zip(drawn, self.dealers, strict=True) if d.currency == "CNY")
        abroad = sum(drawn) - at_home
        scale = at_home / abroad * FOREIGN / (1 - FOREIGN)
        return [
            weight * (scale if dealer.currency == "USD" else 1)
            for weight, dealer in zip(drawn, self.dealers, strict=True)
        ]

    def _machine(self, index: int, dealer: int) -> Machine:
        """Sold in the last three and a half years; the first one's two years are just over."""
        sold_on = FIRST_DAY - timedelta(days=self._random.randint(5, 1_270))
        sold_on = NEW_POLICY_FROM if index == 0 else sold_on
        model = MODELS[index % len(MODELS)]
        return Machine(f"{model}-{sold_on:%y%m}{index:05}", model, dealer, sold_on,
                       f"U{index:06}")  # fmt: skip
