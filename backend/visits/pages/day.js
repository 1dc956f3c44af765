/* The page of /visits: a facility's visit day as it goes. Counts alone; nobody is named here. */
"use strict";

(async function () {
  const { NcaLayer, Service, SignError, toBase64 } = window.SaqtauSign;
  const own = await (await fetch("/visits/texts.json")).json();
  const signing = await (await fetch("/sign/texts.json")).json();
  const byId = (id) => document.getElementById(id);
  const query = new URLSearchParams(location.search);
  const local = /^wss?:\/\/127\.0\.0\.1:\d{1,5}$/; // a stand-in of NCALayer on this very machine
  const url = local.test(query.get("ncalayer") || "") ? query.get("ncalayer") : undefined;
  const AGAIN_MS = 2000;
  let language = own[query.get("lang")] ? query.get("lang") : "kk";
  let said = null;
  let shown = null; // the day on the page
  let following = 0; // which following is the present one
  const service = new Service("", language);
  const layer = new NcaLayer({ url, locale: language });

  const text = (key) => own[language][key] || signing[language][key] || key;

  /* The word of a number: Kazakh has one form, Russian three, English two. */
  function counted(key, number) {
    return text(`${key}.${new Intl.PluralRules(language === "kk" ? "kk" : language).select(number)}`);
  }

  function dated(day) {
    const [year, month, date] = day.split("-").map(Number);
    return text("date").replace("{y}", year).replace("{d}", date).replace("{m}", own[language].months[month - 1]);
  }

  const clock = (at) =>
    new Intl.DateTimeFormat("ru", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Almaty" }).format(new Date(at));

  function say(key, detail, wrong) {
    said = [key, detail, wrong];
    const line = byId("status");
    line.dataset.code = key;
    line.className = wrong ? "wrong" : "";
    line.textContent = detail ? `${text(key)}: ${detail}` : text(key);
  }

  function complain(error) {
    if (!(error instanceof SignError)) throw error;
    if (own[language][error.code] || signing[language][error.code]) say(error.code, error.detail, true);
    else {
      say(error.code, "", true);
      byId("status").textContent = [error.message, error.detail].filter(Boolean).join(". ");
    }
  }

  function speak(chosen) {
    language = chosen;
    service.language = chosen;
    layer.locale = chosen;
    document.documentElement.lang = chosen;
    document.title = `${text("title")} · Saqtau`;
    for (const element of document.querySelectorAll("[data-text]")) {
      element.textContent = text(element.dataset.text);
    }
    for (const button of document.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === chosen));
    }
    if (shown) show(shown);
    if (said) say(...said);
  }

  function row(name, number, most) {
    const line = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    const bar = document.createElement("td");
    bar.className = "bar";
    bar.setAttribute("aria-hidden", "true"); // the number beside says it
    const meter = document.createElement("meter");
    meter.max = Math.max(most, 1);
    meter.value = number;
    bar.append(meter);
    const value = document.createElement("td");
    value.textContent = String(number);
    line.append(head, bar, value);
    return line;
  }

  function show(day) {
    shown = day;
    byId("day").hidden = false;
    byId("where").textContent = day.facility;
    byId("date").textContent = dated(day.visit_date);
    byId("visits").textContent = String(day.visits);
    byId("visits-word").textContent = counted("visits", day.visits);
    byId("without-qr").textContent = String(day.without_qr);
    byId("last").textContent = day.last_at ? clock(day.last_at) : "–";
    byId("warning").hidden = !(2 * day.without_qr > day.visits);
    byId("near").textContent = String(day.near);
    byId("far").textContent = String(day.far);
    byId("placeless").textContent = String(day.visits - day.near - day.far);
    const grades = Object.entries(day.by_grade);
    byId("grades").tBodies[0].replaceChildren(...grades.map(([grade, n]) => row(text(grade), n, day.visits)));
    const most = Math.max(...day.by_hour);
    const first = Math.min(8, ...day.by_hour.flatMap((n, hour) => (n ? [hour] : [])));
    const last = Math.max(17, ...day.by_hour.flatMap((n, hour) => (n ? [hour] : [])));
    const hours = [];
    for (let hour = first; hour <= last; hour += 1) {
      const name = `${String(hour).padStart(2, "0")}:00–${String(hour + 1).padStart(2, "0")}:00`;
      hours.push(row(name, day.by_hour[hour], most));
    }
    byId("hours").tBodies[0].replaceChildren(...hours);
  }

  /* Until another facility is chosen or the session ends: streams end, and are asked for again. */
  async function follow(facility) {
    const mine = ++following;
    const path = `/facilities/${facility}/visits/day`;
    while (mine === following) {
      try {
        show(await service.call("GET", path));
        say("live");
        await service._events(`${path}/events`, null, (day) => {
          if (mine === following) show(day);
        });
      } catch (error) {
        if (mine !== following) return;
        if (error instanceof SignError && error.code !== "SERVICE_AWAY") {
          complain(error);
          if (error.code === "UNAUTHENTICATED") byId("sign-in").hidden = false;
          return;
        }
        say("SERVICE_AWAY", "", true);
      }
      await new Promise((resume) => setTimeout(resume, AGAIN_MS));
    }
  }

  async function welcome() {
    const choice = byId("facility");
    const items = [];
    let cursor = "";
    do {
      const page = await service.call("GET", `/organisations/me/facilities${cursor}`);
      items.push(...page.items);
      cursor = page.next ? `?cursor=${encodeURIComponent(page.next)}` : "";
    } while (cursor);
    choice.replaceChildren(
      ...items.filter((one) => one.production).map((one) => new Option(`${one.name}, ${one.address}`, one.facility_id)),
    );
    byId("sign-in").hidden = true;
    byId("qr").hidden = true;
    byId("choose").hidden = choice.options.length < 2;
    if (!choice.options.length) say("noFacility", "", true);
    else follow(choice.value);
  }

  async function busy(act) {
    const buttons = document.querySelectorAll(".ways button");
    buttons.forEach((button) => (button.disabled = true));
    try {
      await act();
    } catch (error) {
      complain(error);
    } finally {
      byId("qr").hidden = true;
      buttons.forEach((button) => (button.disabled = false));
    }
  }

  byId("login-layer").onclick = () =>
    busy(async () => {
      say("workingLayer");
      await service.signInWith(layer);
      await welcome();
    });
  byId("login-qr").onclick = () =>
    busy(async () => {
      const found = await service.offerLogin();
      byId("qr-image").src = `data:image/svg+xml;base64,${toBase64(new TextEncoder().encode(found.qr_svg))}`;
      byId("qr").hidden = false;
      say("PENDING");
      await service.signedInBy(found, (state) => say(state.status));
      await welcome();
    });
  byId("facility").onchange = () => follow(byId("facility").value);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.onclick = () => speak(button.dataset.language);
  }
  speak(language);
  document.documentElement.dataset.ready = "yes";
})();
