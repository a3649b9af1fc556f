"""The Gradio page: one file a tab. Screens hold no rule of law."""
