"""Plans, findings and results as text, Markdown, JSON, SARIF and workflow annotations."""
