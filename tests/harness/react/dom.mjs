// A document for React to render into, in this process: jsdom's, as globals. Import it before anything that renders.
import { JSDOM } from 'jsdom';
import { until } from '../suite.mjs';
import { requireOfPackage } from './package.mjs';

export { Storage } from '../storage.mjs';

const { window } = new JSDOM('<!doctype html><title>Tests</title>', { url: 'http://127.0.0.1/', pretendToBeVisual: true });

const NAMES = ['document', 'localStorage', 'HTMLElement', 'HTMLDialogElement', 'HTMLIFrameElement', 'Element', 'Node', 'Event', 'MutationObserver'];
globalThis.window = window;
for (const name of NAMES) globalThis[name] = window[name];
Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true, writable: true });

const React = requireOfPackage('react');
const { createRoot } = requireOfPackage('react-dom/client');
export const { createElement: h, Fragment, StrictMode, useState } = React;

/** Renders into a place of its own; `t.after` takes it away again. */
export function mount(t, element) {
  const place = document.body.appendChild(document.createElement('div'));
  const complaints = [];
  const root = createRoot(place, { onUncaughtError: (error) => complaints.push(error), onRecoverableError: (error) => complaints.push(error) });
  let mounted = true;
  const unmount = () => {
    if (mounted) root.unmount();
    mounted = false;
  };
  t.after(() => {
    unmount();
    place.remove();
    if (complaints.length) throw complaints[0];
  });
  root.render(element);
  return { place, unmount, complaints, render: (next) => root.render(next) };
}

/** A component that calls a hook: `probe.now` is what it gave last, `probe.all` everything that it gave, one a render. */
export function probeOf(useHook) {
  const probe = { all: [], now: undefined, Component: null };
  probe.Component = function Probe(props) {
    probe.now = useHook(props);
    probe.all.push(probe.now);
    return null;
  };
  probe.until = (condition, what, ms) => until(() => probe.now !== undefined && condition(probe.now), () => `${what}; it is ${JSON.stringify(probe.now)?.slice(0, 1500)}`, ms).then(() => probe.now);
  return probe;
}

// ---- what a user does ----

export const find = (place, selector) => until(() => place.querySelector(selector), () => `${selector} in ${place.innerHTML.slice(0, 1500)}`);

/** As a browser does it: React listens to the event, and looks whether the value is another one than before. */
export function type(field, text) {
  const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value');
  set.call(field, text);
  field.dispatchEvent(new window.Event('input', { bubbles: true }));
}

export function press(element, key, more = {}) {
  const event = new window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  element.dispatchEvent(event);
  return event;
}

export const click = (element) => element.click();
