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

  // Some time before the vault closes the person can keep it open. The focus
  // stays where it is, with what was typed; the warning is told aloud. When the
  // vault has closed, the page must not stay in sight.
  const idle = Number(body.dataset.idle || 0);
  const before = Number(body.dataset.warn || 0);
  const warning = document.getElementById('slot');
  if (idle && warning) {
    const tabs = new BroadcastChannel('bundel'); // another tab kept the vault open
    let end = 0;
    let held = null;
    const start = () => {
      end = Date.now() + idle * 1000;
      const inside = warning.contains(document.activeElement);
      warning.hidden = true;
      if (inside) (held && held.isConnected ? held : heading || body).focus({preventScroll: true});
    };
    renew = () => { start(); tabs.postMessage(0); };
    tabs.onmessage = start;
    const stay = () => fetch('/leef', {method: 'POST'}).then((r) => (r.ok ? renew() : location.replace('/unlock')), () => {});
    warning.addEventListener('focusin', (e) => { if (!warning.contains(e.relatedTarget)) held = e.relatedTarget; });
    warning.querySelector('button').addEventListener('click', stay);
    setInterval(() => {
      const left = end - Date.now();
      if (left <= 0) location.replace('/unlock');
      else if (left <= before * 1000 && warning.hidden) warning.hidden = false;
    }, 1000);
    renew();
    // A page that the browser kept to go back to is asked for again, unseen.
    addEventListener('pagehide', () => { body.hidden = true; });
    addEventListener('pageshow', (e) => { if (e.persisted) location.reload(); });
  }
})();
