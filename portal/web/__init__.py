"""What every page has, whatever it is about: its frame, texts, styles, form fields, headers and errors."""
