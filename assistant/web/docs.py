"""The documentation of the JSON routes as one plain page (the usual viewers load scripts from elsewhere)."""

from __future__ import annotations

import json
from html import escape
from typing import Any


def docs_page(schema: dict[str, Any]) -> str:
    """HTML of an OpenAPI document: each route with its parameters, body and answers."""
    parts = []
    for path, methods in schema["paths"].items():
        for method, route in methods.items():
            parts.append(f"<h2><code>{method.upper()} {escape(path)}</code> {escape(route.get('summary', ''))}</h2>")
            rows = [
                (p["name"], p["in"], "必填" if p.get("required") else "可选", p.get("description", ""))
                for p in route.get("parameters", [])
            ]
            body = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            form = _resolve(schema, body)
            needed = form.get("required", [])
            rows += [
                (name, "body", "必填" if name in needed else "可选", field.get("description", field.get("title", "")))
                for name, field in form.get("properties", {}).items()
            ]
            if rows:
                cells = "".join("<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in row) + "</tr>" for row in rows)
                parts.append(f"<table><tr><th>参数</th><th>位置</th><th></th><th>说明</th></tr>{cells}</table>")
            answer = route["responses"]["200"]["content"]["application/json"]["schema"]
            told = json.dumps(_resolve(schema, answer), ensure_ascii=False, indent=1)
            parts.append(f"<details><summary>返回的形式</summary><pre>{escape(told)}</pre></details>")
    style = (
        "body{font-family:system-ui,'PingFang SC','Microsoft YaHei',sans-serif}body{max-width:60rem;margin:auto}"
        "table{border-collapse:collapse}td,th{border:1px solid #ccd;padding:.3rem .6rem;text-align:left}"
        "pre{background:#f4f6f8;padding:.6rem;overflow:auto}"
    )
    title = escape(schema["info"]["title"])
    return (
        f"<!doctype html><html lang='zh-CN'><meta charset='utf-8'><title>{title}</title>"
        f"<meta name='viewport' content='width=device-width'><style>{style}</style><h1>{title}</h1>"
        '<p>机器可读的说明在 <a href=\'/openapi.json\'>/openapi.json</a>。出错时返回 <code>{"error": "一句话"}</code>。</p>'
        + "".join(parts)
    )


def _resolve(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref")
    if not reference:
        return part
    found: dict[str, Any] = schema["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return found
