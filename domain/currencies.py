"""The currencies of ISO 4217, with the decimals that the minor unit of each stands for.

From list one of the standard as its maintenance agency published it on 2026-01-01. Stored amounts
are minor units, so the decimals of a currency may never change here: they are a table of the
ledger's own, and not of a library, whose next version might say otherwise. (Unicode's, for one,
says how people write amounts, and gives the forint none.)
"""

from typing import Final

_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO: Final = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
    PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR: Final = "CLF UYW"

DECIMALS: Final[dict[str, int]] = {
    currency: decimals
    for decimals, currencies in ((0, _NONE), (2, _TWO), (3, _THREE), (4, _FOUR))
    for currency in currencies.split()
}

# Codes of the standard without a minor unit: metals, units of account, and codes for tests. No
# amount can be said in them.
_UNDIVIDED: Final = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA " + 3 * "X"
WITHOUT_MINOR_UNIT: Final = frozenset(_UNDIVIDED.split())
