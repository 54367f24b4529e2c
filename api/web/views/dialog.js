/** A modal window on the browser's own `<dialog>`: Escape, focus and the page behind it are the browser's work. */
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";

/** @param {{label: string, name: string, testid?: string, onClose: () => void, title: any, children?: any}} props */
export function Dialog({ label, name, testid, onClose, title, children }) {
  const element = useRef(/** @type {HTMLDialogElement|null} */ (null));
  useEffect(() => {
    const returnTo = document.activeElement;
    element.current?.showModal();
    return () => { if (returnTo instanceof HTMLElement && returnTo.isConnected) returnTo.focus(); };
  }, []);
  const closeOutside = (event) => { if (event.target === element.current) element.current?.close(); };
  return html`<dialog ref=${element} class=${`dialog dialog--${name}`} data-testid=${testid} aria-label=${label}
    onClose=${onClose} onClick=${closeOutside}>
    <div class="dialog__body">
      <div class="dialog__head">${title}
        <button type="button" class="button button--icon dialog__close" aria-label=${words.value("close")}
          title=${words.value("close")} onClick=${() => element.current?.close()}><${Icon} name="close" /></button>
      </div>
      ${children}
    </div>
  </dialog>`;
}
