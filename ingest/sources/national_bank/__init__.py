"""National Bank of Kazakhstan: open data API (data.nationalbank.kz) and exchange rates."""
