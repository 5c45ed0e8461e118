"""The reading room: an ERP's CSV exports become dated commands, or problems that name the cell."""
