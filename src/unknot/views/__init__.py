"""What a person looks at: figures, films, the offline page, the widget, a notebook's preview."""
