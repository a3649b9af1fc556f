"""Reads official files (docx, pdf, html, markdown, txt) into articles: 编/章/节/条/款/项."""
