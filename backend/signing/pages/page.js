/* The page of /sign: signs in and signs files, with NCALayer or eGov Mobile. */
"use strict";

(async function () {
  const { NcaLayer, Service, SignError, toBase64 } = window.SaqtauSign;
  const texts = await (await fetch("/sign/texts.json")).json();
  const byId = (id) => document.getElementById(id);
  const query = new URLSearchParams(location.search);
  // Another port of this very machine, for a stand-in; never another machine.
  const local = /^wss?:\/\/127\.0\.0\.1:\d{1,5}$/;
  const url = local.test(query.get("ncalayer") || "") ? query.get("ncalayer") : undefined;
  let language = texts[query.get("lang")] ? query.get("lang") : "kk";
  let said = null;
  let offered = null;
  const service = new Service("", language);
  const layer = new NcaLayer({ url, locale: language });

  function text(key) {
    return texts[language][key] || key;
  }

  function speak(chosen) {
    language = chosen;
    service.language = chosen;
    layer.locale = chosen;
    document.documentElement.lang = chosen;
    for (const element of document.querySelectorAll("[data-text]")) {
      element.textContent = text(element.dataset.text);
    }
    for (const button of document.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === chosen));
    }
    if (said) say(...said);
  }

  function say(key, detail, wrong) {
    said = [key, detail, wrong];
    const line = byId("status");
    line.dataset.code = key;
    line.className = wrong ? "wrong" : "";
    line.textContent = detail ? `${text(key)}: ${detail}` : text(key);
  }

  function complain(error) {
    if (!(error instanceof SignError)) throw error;
    const known = texts[language][error.code];
    if (known) say(error.code, error.detail, true);
    else say(error.code, [error.message, error.detail].filter(Boolean).join(". "), true);
    if (!known) byId("status").textContent = [error.message, error.detail].filter(Boolean).join(". ");
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
      offered = null;
      buttons.forEach((button) => (button.disabled = false));
    }
  }

  function show(found) {
    offered = found;
    byId("qr-image").src = `data:image/svg+xml;base64,${toBase64(new TextEncoder().encode(found.qr_svg))}`;
    byId("qr-mobile").href = found.links.egov_mobile;
    byId("qr-business").href = found.links.egov_business;
    byId("qr").dataset.text = found.qr_text;
    byId("qr").hidden = false;
    say("PENDING");
  }

  function follow(state) {
    const refused = state.last_refusal && state.status === "OPENED";
    if (refused) say("lastRefusal", state.last_refusal, true);
    else say(state.status);
  }

  function welcome(session) {
    byId("who").textContent = [session.bin, ...session.roles.map(text)].join(", ");
    byId("sign-in").hidden = true;
    byId("signed-in").hidden = false;
    say("signedInAs");
  }

  async function chosenFiles() {
    const files = Array.from(byId("files").files);
    if (!files.length) throw new SignError("NO_FILES");
    return Promise.all(
      files.map(async (file) => ({
        name: file.name,
        mime: file.type,
        bytes: new Uint8Array(await file.arrayBuffer()),
      })),
    );
  }

  function result(name, request) {
    const link = document.createElement("a");
    const json = JSON.stringify(request);
    link.href = `data:application/json;base64,${toBase64(new TextEncoder().encode(json))}`;
    link.download = `${name}.signed.json`;
    link.dataset.text = "download";
    link.dataset.request = json;
    link.textContent = text("download");
    const item = document.createElement("li");
    item.append(`${name}: `, link);
    byId("signed").append(item);
    byId("results").hidden = false;
  }

  byId("login-layer").onclick = () =>
    busy(async () => {
      say("workingLayer");
      welcome(await service.signInWith(layer));
    });
  byId("login-qr").onclick = () =>
    busy(async () => {
      const found = await service.offerLogin();
      show(found);
      welcome(await service.signedInBy(found, follow));
    });
  byId("sign-layer").onclick = () =>
    busy(async () => {
      const files = await chosenFiles();
      say("workingLayer");
      const requests = await layer.signRequests(
        files.map((file) => file.bytes),
        { bin: service.session.bin },
      );
      requests.forEach((request, i) => result(files[i].name, request));
      say("result");
    });
  byId("sign-qr").onclick = () =>
    busy(async () => {
      const files = await chosenFiles();
      const named = (name) => ({ kk: name, ru: name, en: name });
      const found = await service.offer({
        description: named(files.map((file) => file.name).join(", ").slice(0, 200)),
        sign_method: "CMS_SIGN_ONLY",
        roles: ["head", "signatory", "finance", "employee"],
        documents: files.map((file) => ({
          name: named(file.name.slice(0, 200)),
          mime: file.mime,
          content: toBase64(file.bytes),
        })),
      });
      show(found);
      const done = await service.signedBy(found, follow);
      done.documents.forEach((one, i) => result(files[i].name, one.request));
    });
  byId("withdraw").onclick = async () => {
    if (!offered) return;
    const path = `/egov-qr/packages/${offered.package_id}`;
    await service.call("DELETE", path, null, offered.watch_token).catch(complain);
  };
  byId("files").onchange = () => {
    byId("chosen").textContent = String(byId("files").files.length);
  };
  for (const button of document.querySelectorAll("[data-language]")) {
    button.onclick = () => speak(button.dataset.language);
  }
  speak(language);
  document.documentElement.dataset.ready = "yes";
})();
