"""Checklists as files to print and to work in: docx, xlsx and QR."""
