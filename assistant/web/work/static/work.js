// Forms that stay on the page when something is wrong, and checklists whose taps are saved at once, also after the net was away.
"use strict";
const formKey = document.body.dataset.formKey || "";

async function send(url, body, json) {
  const headers = { Accept: "application/json", "X-Form-Key": formKey };
  if (json) headers["Content-Type"] = "application/json";
  const answer = await fetch(url, { method: "POST", headers, body: json ? JSON.stringify(body) : body, credentials: "same-origin" });
  if (answer.redirected) return { url: answer.url };
  const told = await answer.json().catch(() => ({ error: "服务器没有正常回答；请稍后再试。" }));
  if (!answer.ok) throw Object.assign(new Error(told.error || "没有保存；请稍后再试。"), { status: answer.status });
  return told;
}

function tell(place, sentence) {
  if (!place) return;
  place.textContent = sentence || "";
  place.hidden = !sentence;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || "plain" in form.dataset) return;
  event.preventDefault();
  if (form.dataset.ask && !confirm(form.dataset.ask)) return;
  if (form.id === "finish" && document.getElementById("save-state").textContent) {
    tell(form.querySelector(".error"), "还有结果没有存到服务器，现在不能办结；请等网络恢复、上方提示消失后再办结。");
    return;
  }
  const button = event.submitter || form.querySelector("button");
  const place = form.querySelector(".error");
  const body = new FormData(form, event.submitter && event.submitter.name ? event.submitter : undefined);
  if (button) button.disabled = true;
  tell(place, "");
  try {
    const told = await send(form.getAttribute("action") || location.pathname + location.search, body);
    if (told.url) location.assign(told.url); else location.reload();
  } catch (error) {
    tell(place, error.status ? error.message : "网络不通，没有保存；请检查网络后重试。");
    if (place) place.scrollIntoView({ block: "center" });
  } finally {
    if (button) button.disabled = false;
  }
});

for (const part of document.querySelectorAll("[data-when]")) {
  const [name, value] = part.dataset.when.split("=");
  const form = part.closest("form");
  const show = () => { part.hidden = new FormData(form).get(name) !== value; };
  form.addEventListener("change", show);
  show();
}

// --- what a plant is, recognized while it is typed ---------------------------------------------------------------------
const profileText = document.getElementById("profile-text");
if (profileText) {
  const facts = document.getElementById("facts"), note = document.getElementById("facts-note");
  const kept = new Set(JSON.parse(facts.dataset.kept || "[]")), before = facts.dataset.text;
  const refused = new Set();
  let timer, turn = 0;
  const recognize = async () => {
    const text = profileText.value.trim(), mine = ++turn;
    if (!text) { facts.replaceChildren(); note.textContent = ""; return; }
    const answer = await fetch("/work/recognize?text=" + encodeURIComponent(text), { headers: { Accept: "application/json" } }).then((r) => r.json()).catch(() => null);
    if (!answer || mine !== turn) return;
    facts.replaceChildren(...answer.facts.map((fact) => {
      const label = document.createElement("label"), box = document.createElement("input"), words = document.createElement("small");
      label.className = "chip";
      box.type = "checkbox"; box.name = "kept"; box.value = fact.concept;
      box.checked = text === before && kept.size ? kept.has(fact.concept) : !refused.has(fact.concept);
      box.addEventListener("change", () => { if (box.checked) refused.delete(fact.concept); else refused.add(fact.concept); });
      words.textContent = `${fact.kind} · “${fact.words}”`;
      label.append(box, fact.label, words);
      return label;
    }));
    const parts = [];
    if (answer.error) parts.push(answer.error);
    else if (!answer.facts.length) parts.push("没有认出行业、工序、设备或物质；请写得具体些，或直接勾选场景。");
    if (answer.people !== null) parts.push(`认出人数：${answer.people} 人。`);
    if (answer.denied.length) parts.push(`写明没有的：${answer.denied.join("、")}。`);
    note.textContent = parts.join("");
  };
  profileText.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(recognize, 350); });
  recognize();
}

// --- filling in a checklist --------------------------------------------------------------------------------------------
const check = document.getElementById("check");
if (check) {
  const id = check.dataset.id, open = check.dataset.open === "1", store = "hegui-check-" + id;
  const items = new Map([...check.querySelectorAll(".item")].map((item) => [item.dataset.check, item]));
  const part = (item, selector) => item.querySelector(selector);
  const state = document.getElementById("save-state");
  let queue = {};
  try { queue = JSON.parse(localStorage.getItem(store) || "{}"); } catch { queue = {}; }
  const sending = new Set();

  const remember = () => { try { localStorage.setItem(store, JSON.stringify(queue)); } catch { /* a full disk: the server still has what was saved */ } };
  const said = (item) => ({
    check_id: item.dataset.check,
    result: (part(item, ".choices input:checked") || {}).value,
    note: part(item, "textarea").value.trim(),
    responsible: part(item, "[name=responsible]").value.trim() || null,
    due: part(item, "[name=due]").value || null,
  });
  const dress = (item, result) => {
    item.dataset.result = result || "";
    const failed = result === "noncompliant", reason = result === "not_applicable";
    part(item, ".failed-only").hidden = !failed;
    if (failed || reason) part(item, ".more").hidden = false;
    part(item, ".note-label").textContent = failed ? "发现的问题" : reason ? "为什么不适用（必填）" : "备注";
  };
  const count = () => {
    const results = [...items.values()].map((item) => item.dataset.result);
    const done = results.filter(Boolean).length, bad = results.filter((r) => r === "noncompliant").length;
    const good = results.filter((r) => r === "compliant").length;
    const score = good + bad ? Math.floor((1000 * good) / (good + bad)) / 10 : null;
    document.getElementById("bar").style.width = `${(100 * done) / items.size}%`;
    document.getElementById("progress").textContent = `已查 ${done} / ${items.size} 项，不符合 ${bad} 项${score === null ? "" : `，得分 ${score}`}`;
  };
  const waiting = () => {
    const n = Object.keys(queue).length;
    state.textContent = n ? `${n} 项还没有存到服务器，正在重试……` : "";
  };
  const saved = (item, answer) => {
    item.dataset.version = answer.version;
    const place = part(item, ".state");
    place.className = "state";
    place.textContent = `已保存 ${answer.at} ${answer.by}`;
  };
  const take = (item, answer) => {
    const box = part(item, `.choices input[value=${answer.result}]`);
    if (box) box.checked = true;
    part(item, "textarea").value = answer.note;
    part(item, "[name=responsible]").value = answer.responsible;
    part(item, "[name=due]").value = answer.due;
    if (answer.note) part(item, ".more").hidden = false;
    dress(item, answer.result);
    saved(item, answer);
    count();
  };
  const conflict = async (item, mine) => {
    const place = part(item, ".error");
    const told = await fetch(`/work/checks/${id}/changes?since=1970-01-01`, { headers: { Accept: "application/json" } }).then((r) => r.json());
    const theirs = told.answers.find((a) => a.check === item.dataset.check);
    if (!theirs) return;
    const names = { compliant: "符合", noncompliant: "不符合", not_applicable: "不适用" };
    tell(place, `${theirs.by} 在 ${theirs.at} 把这一项填成“${names[theirs.result]}”${theirs.note ? "：" + theirs.note : ""}。你填的是“${names[mine.result]}”${mine.note ? "：" + mine.note : ""}，还没有保存。`);
    const use = (words, action) => { const b = document.createElement("button"); b.type = "button"; b.className = "plain"; b.textContent = words; b.addEventListener("click", () => { tell(place, ""); action(); }); place.append(b); };
    use("用对方的", () => take(item, theirs));
    use("用我的", () => { item.dataset.version = theirs.version; put(item, mine); });
  };
  const put = (item, answer) => {
    queue[item.dataset.check] = answer;
    remember();
    const place = part(item, ".state");
    place.className = "state wait"; place.textContent = "正在保存……";
    flush(item.dataset.check);
  };
  const flush = async (name) => {
    if (sending.has(name) || !queue[name]) return;
    const item = items.get(name), answer = queue[name];
    if (!item) { delete queue[name]; remember(); return; }
    sending.add(name);
    try {
      const told = await send(`/work/checks/${id}/answer`, { ...answer, version: Number(item.dataset.version) }, true);
      saved(item, told);
      tell(part(item, ".error"), "");
      if (queue[name] === answer) delete queue[name];
    } catch (error) {
      if (error.status === 409) { delete queue[name]; await conflict(item, answer).catch(() => {}); }
      else if (error.status === 401) { state.textContent = ""; tell(part(item, ".error"), "登录已过期；请重新登录，填好的内容会自动补存。"); }
      else if (error.status >= 500) part(item, ".state").textContent = "服务器暂时存不了，稍后自动补存";
      else if (error.status) { delete queue[name]; tell(part(item, ".error"), error.message); }
      else part(item, ".state").textContent = "网络不通，稍后自动补存";
    } finally {
      sending.delete(name);
      remember(); waiting();
      if (queue[name] && queue[name] !== answer) flush(name);
    }
  };
  const changed = (item) => {
    const answer = said(item);
    dress(item, answer.result);
    count();
    if (!answer.result) return;
    if (answer.result === "not_applicable" && !answer.note) {
      part(item, ".state").textContent = "写明不适用的理由后才会保存";
      part(item, "textarea").focus();
      return;
    }
    put(item, answer);
  };
  if (open) {
    check.addEventListener("change", (event) => {
      const item = event.target.closest(".item");
      if (item && event.target.type !== "file") changed(item);
      else if (item) addPhoto(item, event.target);
    });
    // A note is saved a moment after the last letter, not only when the field is left: phones close pages without leaving fields.
    const timers = new Map();
    check.addEventListener("input", (event) => {
      const item = event.target.closest(".item");
      if (!item || event.target.tagName !== "TEXTAREA") return;
      clearTimeout(timers.get(item));
      timers.set(item, setTimeout(() => changed(item), 900));
    });
    check.addEventListener("click", async (event) => {
      const item = event.target.closest(".item");
      if (item && event.target.closest(".choices")) { if (item.dataset.result) part(item, ".more").hidden = false; }
      const figure = event.target.closest(".remove") && event.target.closest("figure");
      if (!figure || !confirm("删除这张照片？")) return;
      try { await send(`/work/photos/${figure.dataset.photo}/remove`, new FormData()); figure.remove(); } catch (error) { tell(part(item, ".error"), error.message); }
    });
    const addPhoto = async (item, input) => {
      const place = part(item, ".error"), label = part(item, ".addphoto");
      tell(place, "");
      for (const file of input.files) {
        const body = new FormData();
        body.append("check", item.dataset.check);
        body.append("photo", file);
        part(item, ".state").textContent = "正在上传照片……";
        try {
          const photo = await send(`/work/checks/${id}/photo`, body);
          const figure = document.createElement("figure"), link = document.createElement("a"), image = document.createElement("img"), remove = document.createElement("button");
          figure.dataset.photo = photo.id;
          link.href = `/work/photos/${photo.id}`; link.target = "_blank";
          image.src = `/work/photos/${photo.id}?small=1`; image.alt = photo.name;
          remove.type = "button"; remove.className = "remove"; remove.textContent = "×"; remove.ariaLabel = "删除照片";
          link.append(image); figure.append(link, remove); label.before(figure);
          part(item, ".state").textContent = "照片已保存";
        } catch (error) {
          part(item, ".state").textContent = "";
          tell(place, error.status ? error.message : "网络不通，照片没有保存；请有网络时重新上传。");
        }
      }
      input.value = "";
    };
    for (const [name, answer] of Object.entries(queue)) {
      const item = items.get(name);
      if (!item) continue;
      const box = part(item, `.choices input[value=${answer.result}]`);
      if (box) box.checked = true;
      part(item, "textarea").value = answer.note;
      part(item, "[name=responsible]").value = answer.responsible || "";
      part(item, "[name=due]").value = answer.due || "";
      dress(item, answer.result);
    }
    const retry = () => Object.keys(queue).forEach(flush);
    addEventListener("online", retry);
    setInterval(retry, 5000);
    retry();
    // What others fill in meanwhile. An item in which one is writing is left alone until the field is left.
    let since = check.dataset.now;
    const held = new Map();
    const writing = (item) => { const at = document.activeElement; return item.contains(at) && at.matches("textarea, input:not([type=radio])"); };
    const hear = (answer) => {
      const item = items.get(answer.check);
      if (!item || queue[answer.check] || answer.version <= Number(item.dataset.version)) held.delete(answer.check);
      else if (writing(item)) held.set(answer.check, answer);
      else { held.delete(answer.check); take(item, answer); }
    };
    check.addEventListener("focusout", () => setTimeout(() => [...held.values()].forEach(hear)));
    const listen = async () => {
      if (document.hidden) return;
      const told = await fetch(`/work/checks/${id}/changes?since=${encodeURIComponent(since)}`, { headers: { Accept: "application/json" } }).then((r) => (r.ok ? r.json() : null)).catch(() => null);
      if (!told) return;
      since = told.now;
      told.answers.forEach(hear);
    };
    setInterval(listen, 10000);
    document.addEventListener("visibilitychange", listen);
    addEventListener("beforeunload", (event) => { if (Object.keys(queue).length && navigator.onLine === false) event.preventDefault(); });
  }
  for (const item of items.values()) dress(item, item.dataset.result);
  count(); waiting();
  document.querySelector(".filters").addEventListener("click", (event) => {
    const chip = event.target.closest("[data-show]");
    if (!chip) return;
    for (const other of chip.parentNode.children) other.classList.toggle("on", other === chip);
    const wanted = chip.dataset.show;
    for (const item of items.values()) {
      const r = item.dataset.result;
      item.hidden = !(wanted === "all" || (wanted === "todo" && !r) || r === wanted || (wanted === "major" && item.classList.contains("major")));
    }
  });
}
