/* Saqtau: signing in the browser. Plain JavaScript, no framework, no build step.
 *
 *   const layer = new SaqtauSign.NcaLayer();
 *   const service = new SaqtauSign.Service("");        // this very origin
 *   await service.signInWith(layer);
 *   const [request] = await layer.signRequests([bytes]);      // {document, signature}
 *   await service.call("POST", "/acts", request);
 *
 * Every failure is a SaqtauSign.SignError with a stable `code`:
 *   NCALAYER_NOT_RUNNING, NCALAYER_LOST, NCALAYER_ODD, NCALAYER_REFUSED, CANCELLED, TIMED_OUT,
 *   SERVICE_AWAY, or the code of the service's problem document.
 * Filters shown to NCALayer are a convenience: the service checks every certificate itself. */
"use strict";

(function (root) {
  const NCALAYER_URL = "wss://127.0.0.1:13579";
  const OPEN_MS = 5000;
  const SIGN_MS = 5 * 60 * 1000; // a person looks for a file and types a password
  const POLL_S = 25;
  const AWAY_MAX = 5; // the phone may be signing while the service starts anew
  const OVER = ["SIGNED", "REFUSED", "EXPIRED"];
  const EKU = {
    sign: "1.3.6.1.5.5.7.3.4",
    head: "1.2.398.3.3.4.1.2.1",
    signatory: "1.2.398.3.3.4.1.2.2",
    finance: "1.2.398.3.3.4.1.2.3",
    employee: "1.2.398.3.3.4.1.2.5",
  };

  class SignError extends Error {
    constructor(code, message, detail) {
      super(message || code);
      this.name = "SignError";
      this.code = code;
      this.detail = detail || "";
    }
  }

  function toBase64(bytes) {
    let text = "";
    for (let i = 0; i < bytes.length; i += 0x8000) {
      text += String.fromCharCode.apply(null, bytes.subarray(i, i + 0x8000));
    }
    return btoa(text);
  }

  function fromBase64(text) {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  }

  /* Some NCALayer modules wrap a CMS in PEM; the service takes bare base64. */
  function bare(cms) {
    return cms.replace(/-----[A-Z ]+-----/g, "").replace(/\s+/g, "");
  }

  class NcaLayer {
    constructor(options) {
      const given = options || {};
      this.url = given.url || NCALAYER_URL;
      this.locale = given.locale || "kk";
      this.openMs = given.openMs || OPEN_MS;
      this.signMs = given.signMs || SIGN_MS;
      this.version = null;
      this.socket = null;
      this.waiting = null;
    }

    /* Connects and waits for the greeting; the version. */
    async open() {
      if (this.socket && this.socket.readyState === WebSocket.OPEN) return this.version;
      let socket;
      try {
        socket = new WebSocket(this.url);
      } catch (error) {
        throw new SignError("NCALAYER_NOT_RUNNING");
      }
      this.socket = socket;
      socket.onmessage = (event) => this._heard(event.data);
      socket.onclose = () => this._lost(socket);
      const greeting = await this._next(this.openMs, "NCALAYER_NOT_RUNNING");
      if (!greeting.result || typeof greeting.result.version !== "string") {
        this.close();
        throw new SignError("NCALAYER_ODD");
      }
      this.version = greeting.result.version;
      return this.version;
    }

    close() {
      if (this.socket) this.socket.close();
      this.socket = null;
    }

    /* Signs `data` (one or an array): base64 for "cms", XML text for "xml". The signed values.
     * `tsa` asks for a time stamp; `roles` and `bin` narrow the keys that are shown. */
    async sign(options) {
      await this.open();
      if (this.waiting) throw new SignError("NCALAYER_BUSY");
      const several = Array.isArray(options.data);
      const role = options.role ? [EKU.sign, EKU[options.role]] : [EKU.sign];
      this.socket.send(
        JSON.stringify({
          module: "kz.gov.pki.knca.basics",
          method: "sign",
          args: {
            allowedStorages: options.storages || null,
            format: options.format || "cms",
            data: options.data,
            signingParams: {
              decode: true,
              encapsulate: Boolean(options.attached),
              digested: false,
              tsaProfile: options.tsa ? {} : null,
            },
            signerParams: {
              extKeyUsageOids: options.extKeyUsageOids || role,
              iin: "",
              bin: options.bin || "",
              serialNumber: "",
              chain: options.chain || [],
            },
            locale: this.locale,
            logo: null,
          },
        }),
      );
      const reply = await this._next(this.signMs, "TIMED_OUT");
      return this._signed(reply, several ? options.data.length : 1);
    }

    /* Signs bytes: [{document, signature}], each ready for an operation of the service. */
    async signRequests(documents, options) {
      const data = documents.map(toBase64);
      const signed = await this.sign(Object.assign({}, options, { format: "cms", data }));
      return signed.map((cms, i) =>
        options && options.attached
          ? { document: cms, signature: null }
          : { document: data[i], signature: cms },
      );
    }

    _signed(reply, count) {
      if (reply.status !== true) {
        throw new SignError("NCALAYER_REFUSED", "", String(reply.message || reply.code || ""));
      }
      const result = reply.body && reply.body.result;
      if (result === undefined || result === null) throw new SignError("CANCELLED");
      const found = typeof result === "string" ? [result] : result.signatures || result;
      const right = Array.isArray(found) && found.every((one) => typeof one === "string" && one);
      if (!right || found.length !== count) throw new SignError("NCALAYER_ODD");
      return found.map((one) => (one.trimStart().startsWith("<") ? one : bare(one)));
    }

    _next(ms, late) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          this.waiting = null;
          this.close(); // what it answers later belongs to no question
          reject(new SignError(late));
        }, ms);
        const settle = (act) => (value) => {
          clearTimeout(timer);
          this.waiting = null;
          act(value);
        };
        this.waiting = { resolve: settle(resolve), reject: settle(reject) };
      });
    }

    _heard(text) {
      if (!this.waiting) return;
      let reply = null;
      try {
        reply = JSON.parse(text);
      } catch (error) {
        reply = null;
      }
      if (reply === null || typeof reply !== "object") {
        this.waiting.reject(new SignError("NCALAYER_ODD"));
      } else {
        this.waiting.resolve(reply);
      }
    }

    _lost(socket) {
      if (this.socket !== socket) return;
      const greeted = this.version !== null;
      this.socket = null;
      this.version = null;
      if (this.waiting) {
        this.waiting.reject(new SignError(greeted ? "NCALAYER_LOST" : "NCALAYER_NOT_RUNNING"));
      }
    }
  }

  class Service {
    constructor(base, language) {
      this.base = `${(base || "").replace(/\/$/, "")}/api/v1`;
      this.language = language || "kk";
      this.token = null; // in memory only: it dies with the page
      this.session = null;
    }

    async call(method, path, body, token) {
      const response = await this._fetch(method, path, body, token);
      const text = await response.text();
      const answer = text ? JSON.parse(text) : null;
      if (!response.ok) {
        const told = answer || {};
        throw new SignError(told.code || `HTTP_${response.status}`, told.title, told.detail);
      }
      return answer;
    }

    async _fetch(method, path, body, token) {
      const headers = { "accept-language": this.language };
      const bearer = token || this.token;
      if (bearer) headers.authorization = `Bearer ${bearer}`;
      if (body !== undefined && body !== null) headers["content-type"] = "application/json";
      try {
        return await fetch(this.base + path, {
          method,
          headers,
          body: body === undefined || body === null ? undefined : JSON.stringify(body),
          cache: "no-store",
          credentials: "omit",
        });
      } catch (error) {
        throw new SignError("SERVICE_AWAY");
      }
    }

    /* Signs in with a key in NCALayer: {roles, bin}. */
    async signInWith(layer, options) {
      const challenge = await this.call("POST", "/login/challenges");
      const given = Object.assign({}, options, { format: "cms", data: challenge.document });
      const [signature] = await layer.sign(given);
      return this.openSession({ challenge_id: challenge.challenge_id, signature });
    }

    async openSession(proof) {
      const opened = await this.call("POST", "/login/sessions", proof);
      this.token = opened.token;
      this.session = await this.call("GET", "/login/session");
      return this.session;
    }

    /* A login to be signed with eGov Mobile: show `qr_svg`, then `signedInBy`. */
    offerLogin() {
      return this.call("POST", "/egov-qr/logins");
    }

    async signedInBy(offered, onState) {
      await this.untilSigned(offered, onState);
      const path = `/egov-qr/packages/${offered.package_id}/signed`;
      const found = await this.call("GET", path, null, offered.watch_token);
      return this.openSession({ challenge_id: found.challenge_id, signature: found.signature });
    }

    /* Documents to be signed with eGov Mobile; see POST /egov-qr/packages. */
    offer(body) {
      return this.call("POST", "/egov-qr/packages", body);
    }

    /* The signed documents, once the phone has signed them. */
    async signedBy(offered, onState) {
      await this.untilSigned(offered, onState);
      return this.call("GET", `/egov-qr/packages/${offered.package_id}/signed`);
    }

    /* Follows a package to its end, by events, or by asking where events do not come through. */
    async untilSigned(offered, onState) {
      let state = { status: offered.status };
      const tell = (next) => {
        if (next.status !== state.status || next.last_refusal !== state.last_refusal) {
          state = next;
          if (onState) onState(next);
        }
      };
      const path = `/egov-qr/packages/${offered.package_id}`;
      try {
        await this._events(`${path}/events`, offered.watch_token, tell);
      } catch (error) {
        if (error.code && error.code !== "SERVICE_AWAY") throw error;
      }
      let away = 0;
      while (!OVER.includes(state.status)) {
        const query = `?after=${state.status}&wait_s=${POLL_S}`;
        try {
          tell(await this.call("GET", path + query, null, offered.watch_token));
          away = 0;
        } catch (error) {
          if (error.code !== "SERVICE_AWAY" || ++away > AWAY_MAX) throw error;
          await new Promise((resume) => setTimeout(resume, 1000 * away));
        }
      }
      if (state.status !== "SIGNED") throw new SignError(state.status, "", state.last_refusal);
      return state;
    }

    async _events(path, token, tell) {
      const response = await this._fetch("GET", path, null, token);
      const kind = response.headers.get("content-type") || "";
      if (!response.ok || !response.body || !kind.startsWith("text/event-stream")) return;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const lines = (rest + value).split(/\r?\n/);
        rest = lines.pop();
        for (const line of lines) {
          if (line.startsWith("data: {")) tell(JSON.parse(line.slice(6)));
        }
      }
    }
  }

  root.SaqtauSign = { NcaLayer, Service, SignError, toBase64, fromBase64 };
})(window);
