"""Layouts of the files that documents refer to: places, parts, prices, dealers, machines."""

from decimal import Decimal

from domain.part import PartClass
from domain.place import PlaceKind
from domain.price_list import PriceListKind
from server.erp.cells import (
    Amount,
    Code,
    Count,
    Currency,
    Day,
    FaultCodes,
    Flag,
    Rate,
    Text,
)
from server.erp.lines import Line, column, optional


class PlaceLine(Line):
    """The maker's warehouses, and the custody rooms 旧件库 for parts on their way back."""

    FILE = "places.csv"
    NUMBER = ("place",)

    place: Code = column("Number of the place.", example="W01")
    description: Text = column("What people call it.", default="", example="长沙中心库")
    kind: PlaceKind = column("Nothing is sold or sent out of a custody room.", example="warehouse")


class PartLine(Line):
    """The parts catalogue 配件目录."""

    FILE = "parts.csv"
    NUMBER = ("part",)

    part: Code = column("Number of the part.", example="P-10012")
    description: Text = column("Description, in any script.", example="液压泵 hydraulic pump")
    part_class: PartClass = column("Class of the part.", example="module")
    serviceable: Flag = column("Whether it may be sold as a service part.", example="true")
    restricted: Flag = column(
        "Core part 核心零配件: never priced, sold or sent outside the maker's own places.",
        example="false",
    )


class PriceListLine(Line):
    """The price lists 价目表: one of each kind in each currency."""

    FILE = "price_lists.csv"
    NUMBER = ("price_list", "currency")

    price_list: PriceListKind = column(
        "`settlement` is what dealers pay, `guide` what the market is advised.",
        example="settlement",
    )
    currency: Currency = column("Currency of all its prices.", example="CNY")
    vat_rate: Rate = column("Tax on top of its prices: 0.13 is 13 %.", example="0.13")


class PriceLine(Line):
    """Prices before tax, in versions: each counts from its day until the next one's."""

    FILE = "prices.csv"
    NUMBER = ("price_list", "currency", "part", "effective_from")
    AMOUNTS = ("unit_price",)

    price_list: PriceListKind = column("Kind of the list.", example="settlement")
    currency: Currency = column("Currency of the list.", example="CNY")
    part: Code = column("A part that is not restricted.", example="P-10012")
    effective_from: Day = column("First day the price counts.", example="2025-07-01")
    unit_price: Amount = column("Price of one piece, before tax.", example="1860.00")


class DealerLine(Line):
    """Dealers 经销商; a parent has to stand before its children."""

    FILE = "dealers.csv"
    NUMBER = ("dealer",)

    dealer: Code = column("Number of the dealer.", example="D01")
    title: Text = column("Name of the company.", example="湘江工程机械服务有限公司")
    level: Text = column("Level in the dealer network.", default="", example="A")
    region_tier: Text = column("Tier of its region.", default="", example="B")
    currency: Currency = column("The one currency its account is kept in.", example="CNY")
    tax_number: Text = column("Tax number.", default="", example="91430100MA4L00001X")
    payment_days: Count = column("Days from an invoice until it is due.", example="30")
    parent: Code | None = optional("Number of the dealer above it.", example="D01")


class MachineLine(Line):
    """Machines sold 产品档案: their cards."""

    FILE = "machines.csv"
    NUMBER = ("serial",)

    serial: Code = column("Serial number of the machine.", example="ZY210-240117")
    model: Code = column("Model; its policy decides the warranty.", example="ZY210")
    dealer: Code = column("The dealer who sold and services it.", example="D01")
    sold_on: Day = column("Day of sale; the policy in force then counts.", example="2024-05-20")
    user: Code | None = optional(
        "Number of the user 用户, not a name: personal data stays out of the log.",
        example="U000117",
    )


class PolicyLine(Line):
    """Warranty policies 质保政策 of the models, in versions."""

    FILE = "policies.csv"
    NUMBER = ("model", "effective_from")
    AMOUNTS = ("tolerance",)

    model: Code = column("Model of machine.", example="ZY210")
    effective_from: Day = column("For machines sold from this day on.", example="2022-01-01")
    term_months: Count = column("Term from the day of sale.", example="24")
    covered_causes: FaultCodes = column(
        "Fault codes that are covered; empty covers all.", default=(), example="F01;F02"
    )
    handling_rate: Rate = column(
        "Handling on top of a claimed part's price.", default=Decimal(0), example="0.05"
    )
    tolerance: Amount = column(
        "By how much the three documents may differ on a line.", default=Decimal(0), example="5.00"
    )
    currency: Currency = column("Currency of the tolerance.", default="CNY", example="CNY")
    submission_days: Count = column("Days from failure to claim.", default=30, example="30")
    return_days: Count = column(
        "Days from approval until replaced parts must be back; 0: they need not come back.",
        default=0, example="30",
    )  # fmt: skip
    chargeback_months: Count = column(
        "Months after the credit in which a failed audit takes it back.", default=12, example="12"
    )
