"""Measures what README says of speed and memory: ``uv run python -m bench.speed``.

Builds the shipped corpus into an empty folder, changes one document and builds again, starts a server on the result, asks
it one after another and 30 at once, and reads its memory. Prints one JSON object; times are seconds.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from kg_build.corpus import default_folder

QUESTIONS = [
    "员工进污水池清淤要办什么手续",
    "焊工证过期了还在干活，我们要罚多少",
    "抛光车间的除尘器要注意什么",
    "危化品仓库里不同的东西能不能放一起",
    "新员工没培训就上岗怎么处罚",
    "车间配电箱没有门算不算隐患",
    "老板不出钱搞安全有什么后果",
    "消防通道被堵了怎么办",
    "外包队伍在厂里干活谁负责",
    "多少人的企业要配专职安全员",
    "动火作业票谁签字",
    "罐区动火前多久要测一次气",
    "应急演练多久做一次",
    "出了事故多长时间内要上报",
    "隐患排查没有记录会怎样",
    "叉车司机没证被查到怎么处理",
    "压力容器没有定期检验",
    "职业病体检没做罚多少",
    "粉尘车间能不能用压缩空气吹灰",
    "木工车间除尘风管要不要装火花探测",
    "临时用电要不要审批",
    "漏电保护器坏了还在用",
    "第一次违法能不能不罚",
    "听证要在几天内申请",
    "液氨冷库包装间人员超过多少算重大隐患",
    "钢水包吊运用什么起重机",
    "重大危险源怎么算",
    "甲苯和双氧水能放一个库吗",
    "员工宿舍和仓库在一栋楼行不行",
    "安全标志牌要贴在哪里",
]


def hegui(*arguments: str, data: Path) -> float:
    """Run the command; return its seconds."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "assistant.cli", *arguments, "--data", str(data)]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def p95(times: list[float]) -> float:
    """95th percentile."""
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def measure_build(work: Path) -> dict[str, float]:
    """Full build, unchanged build, and a build after one document changed."""
    corpus, data = work / "corpus", work / "data"
    shutil.copytree(default_folder(), corpus, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    found = {"build_full": hegui("build", "--corpus", str(corpus), data=data)}
    found["build_unchanged"] = hegui("build", "--corpus", str(corpus), data=data)
    target = corpus / "rules" / "mem-order-10-2023.yaml"
    text = target.read_text(encoding="utf-8")
    target.write_text(text.replace("gist: ", "gist: 依照规定，", 1), encoding="utf-8")
    found["build_one_changed"] = hegui("build", "--corpus", str(corpus), data=data)
    return found


def measure_server(data: Path) -> dict[str, float]:
    """Start-up, latency alone and under 30 clients, and memory."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "assistant.cli", "serve", "--no-open", "--port", str(port), "--data", str(data)]
    started = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found: dict[str, float] = {}
    try:
        with httpx.Client(base_url=address, timeout=60) as client:
            while True:
                try:
                    if client.get("/").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.05)
            found["page_ready"] = time.perf_counter() - started
            began = time.perf_counter()
            client.post("/api/ask", json={"q": QUESTIONS[0]}).raise_for_status()
            found["first_answer"] = time.perf_counter() - began
            for q in QUESTIONS:
                client.post("/api/ask", json={"q": q}).raise_for_status()
            times = []
            for _ in range(5):
                for q in QUESTIONS:
                    began = time.perf_counter()
                    client.post("/api/ask", json={"q": q}).raise_for_status()
                    times.append(time.perf_counter() - began)
            found["ask_median"], found["ask_p95"] = statistics.median(times), p95(times)

        def one(q: str) -> float:
            with httpx.Client(base_url=address, timeout=60) as own:
                began = time.perf_counter()
                own.post("/api/ask", json={"q": q}).raise_for_status()
                return time.perf_counter() - began

        with concurrent.futures.ThreadPoolExecutor(len(QUESTIONS)) as pool:
            together = [t for _ in range(5) for t in pool.map(one, QUESTIONS)]
        found["ask_30_clients_p95"] = p95(together)
        found["memory_mb"] = psutil.Process(server.pid).memory_info().rss / 2**20
    finally:
        server.terminate()
        server.wait(20)
    return found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        found = {**measure_build(work), **measure_server(work / "data")}
    print(json.dumps({"cores": os.cpu_count(), **{k: round(v, 3) for k, v in found.items()}}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
