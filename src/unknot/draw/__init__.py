"""What every picture is drawn with: style, canvas, panels, and words."""
