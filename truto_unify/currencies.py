"""The decimals of currencies: ISO 4217, list one, as of 1 January 2026.

https://www.iso.org/iso-4217-currency-codes.html
"""

from __future__ import annotations

_EXCEPTIONS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""By the number of decimals, the currencies that have not two."""
_EXPONENTS = {code: exponent for exponent, codes in _EXCEPTIONS.items() for code in codes.split()}
_USUAL_EXPONENT = 2


def minor_exponent(currency: str) -> int:
    """How many decimals the minor unit of a currency stands for; two for a code that the list does not except.

    >>> minor_exponent("EUR"), minor_exponent("jpy"), minor_exponent("KWD")
    (2, 0, 3)
    """
    return _EXPONENTS.get(currency.strip().upper(), _USUAL_EXPONENT)
