"""The files of an ERP: its CSV exports become dated commands, or problems that name the cell."""
