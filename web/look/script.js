// Comfort only: every page works without this file.
'use strict';
(() => {
  const body = document.body;

  // Focus goes to the heading of a new page, unless a field asked for it.
  const heading = document.querySelector('h1');
  if (heading && !document.querySelector('[autofocus]') && !location.hash) {
    heading.tabIndex = -1;
    heading.focus({preventScroll: true});
  }

  // A checkbox that shows what is typed in the fields of its form.
  for (const box of document.querySelectorAll('[data-show]')) {
    box.closest('.tick').hidden = false;
    const fields = [...box.form.querySelectorAll('input[type=password]')];
    box.addEventListener('change', () => {
      for (const f of fields) f.type = box.checked ? 'text' : 'password';
    });
  }

  // A button that opens the print window.
  for (const b of document.querySelectorAll('[data-print]')) {
    b.hidden = false;
    b.addEventListener('click', () => print());
  }

  // Progress: fetch the page again and put in what changed, so that the focus
  // and the place on the page stay. A document response needs no HTML parsing
  // of text, which the page's policy forbids.
  let renew = () => {};
  const live = () => document.querySelector('[data-live]');
  const refresh = () => {
    const now = live();
    if (!now) return;
    const call = new XMLHttpRequest();
    call.open('GET', location.pathname);
    call.responseType = 'document';
    call.onload = () => {
      renew();
      const next = call.response && call.response.querySelector('[data-part="progress"]');
      if (!next) return location.reload();
      const parts = ['status', 'progress'];
      for (const name of parts) {
        const was = document.querySelector(`[data-part="${name}"]`);
        const is = call.response.querySelector(`[data-part="${name}"]`);
        if (was && is && was.textContent !== is.textContent) replace(was, is);
      }
      if (next.hasAttribute('data-live')) setTimeout(refresh, 2000);
      else now.removeAttribute('data-live');
    };
    call.onerror = () => setTimeout(refresh, 5000);
    call.send();
  };
  const replace = (was, is) => {
    const held = was.contains(document.activeElement) && document.activeElement;
    was.replaceChildren(...[...is.childNodes].map((n) => document.importNode(n, true)));
    if (!held) return;
    const to = document.getElementById(held.id) || document.querySelector('h1');
    if (to.tagName === 'H1') to.tabIndex = -1;
    to.focus({preventScroll: true});
  };
  if (live()) setTimeout(refresh, 2000);

  // What happens in one tab holds for all. The page that asks for the passphrase
  // tells that the vault is closed: then no other page may stay in sight.
  const idle = Number(body.dataset.idle || 0);
  const before = Number(body.dataset.warn || 0);
  const tabs = new BroadcastChannel('bundel');
  const gone = () => { body.hidden = true; location.replace('/unlock'); };
  if (document.querySelector('form[action="/unlock"]')) tabs.postMessage('closed');
  else if (idle || document.querySelector('.visit')) tabs.onmessage = (e) => { if (e.data === 'closed') gone(); };

  // Some time before the vault closes the person can keep it open. The focus
  // stays where it is, with what was typed; the warning is told aloud. Typing
  // keeps it open too. What is typed goes to the program now and then, which
  // seals it, so that it is there again after the vault has closed.
  const warning = document.getElementById('slot');
  if (idle && warning) {
    let end = 0;
    let held = null;
    let told = Date.now();
    let form = document.querySelector('form[data-concept]');
    const typedIn = (f) => f && f.method === 'post' && !f.matches('.find,[action="/lock"]') && !f.querySelector('[type=password],[type=file]');
    const send = (to) => {
      const said = new URLSearchParams(form ? new FormData(form) : '');
      said.set('~blad', location.pathname + location.search);
      said.set('~naar', form ? form.getAttribute('action') : '');
      return fetch(to, {method: 'POST', body: said, keepalive: true});
    };
    const keep = () => (form ? send('/concept').catch(() => {}) : Promise.resolve());
    const start = () => {
      end = Date.now() + idle * 1000;
      const inside = warning.contains(document.activeElement);
      warning.hidden = true;
      if (inside) (held && held.isConnected ? held : heading || body).focus({preventScroll: true});
    };
    renew = () => { start(); tabs.postMessage('open'); };
    tabs.onmessage = (e) => {
      if (e.data === 'closed') gone();
      else if (e.data === 'closing') keep();
      else start();
    };
    const stay = () => {
      told = Date.now();
      return send('/leef').then((r) => (r.ok ? renew() : gone()), () => {});
    };
    warning.addEventListener('focusin', (e) => { if (!warning.contains(e.relatedTarget)) held = e.relatedTarget; });
    warning.querySelector('button').addEventListener('click', stay);
    addEventListener('input', (e) => {
      if (typedIn(e.target.form)) form = e.target.form;
      if (Date.now() - told > before * 1000) stay();
    });
    addEventListener('submit', (e) => {
      if (e.target.getAttribute('action') !== '/lock') {
        if (e.target === form) form = null;
        return;
      }
      e.preventDefault();
      tabs.postMessage('closing');
      Promise.race([keep(), new Promise((done) => setTimeout(done, 1000))]).then(() => e.target.submit());
    });
    setInterval(() => {
      const left = end - Date.now();
      if (left <= 0) gone();
      else if (left <= before * 1000 && warning.hidden) {
        warning.hidden = false;
        keep();
      }
    }, 1000);
    renew();
    // A page that comes in sight asks whether the vault is open still.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) send('/concept').then((r) => { if (!r.ok) gone(); }, () => {});
    });
    // A page that the browser kept to go back to is asked for again, unseen.
    addEventListener('pagehide', () => { body.hidden = true; });
    addEventListener('pageshow', (e) => { if (e.persisted) location.reload(); });
  }
})();
