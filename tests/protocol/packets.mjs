// Socket.IO packets on the wire: what is accepted and how it comes back, what closes the connection, what is ignored.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { BINARY, frame } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { isGone, joinedPolling, joinedWebSocket, openWebSocket, packetsOf, settle } from '../harness/wire.mjs';

const plain = pair();
const binary = (...list) => frame(BINARY, Buffer.from(list));

/** Everything that came behind what the session began with, binary as an array of bytes. */
const later = (ws, from) => ws.frames.slice(from).map((f) => (f.opcode === BINARY ? [...f.payload] : f.payload.toString()));

async function answersTo(t, server, sent) {
  const ws = await joinedWebSocket(t, server);
  const from = ws.frames.length;
  for (const part of [sent].flat()) typeof part === 'string' ? ws.send(part) : ws.write(part);
  await settle(ws);
  return later(ws, from).slice(0, -1);
}

// ---- CONNECT ----

for (const [what, sent, answer] of [
  ['the main namespace', '40', /^40\{"sid":"[\w-]{20}"\}$/],
  ['the main namespace by name', '40/,', /^40\{"sid":"[\w-]{20}"\}$/],
  ['with a payload', '40{"token":"x"}', /^40\{"sid":"[\w-]{20}"\}$/],
  ['another namespace', '40/other,', /^40\/other,\{"sid":"[\w-]{20}"\}$/],
  ['another namespace, without the comma', '40/other', /^40\/other,\{"sid":"[\w-]{20}"\}$/],
  ['another namespace, with a payload', '40/other,{"a":1}', /^40\/other,\{"sid":"[\w-]{20}"\}$/],
  ['an id is ignored', '401', /^40\{"sid":"[\w-]{20}"\}$/],
])
  both(`CONNECT: ${what}`, plain, async (t, server) => {
    const ws = await openWebSocket(t, server);
    ws.send(sent);
    assert.match(await ws.next((x) => x.startsWith('40')), answer);
  });

both('CONNECT: the ids of sockets are their own', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send('40/other,');
  const other = JSON.parse((await ws.next((x) => x.startsWith('40/other,'))).slice(9)).sid;
  assert.equal(new Set([ws.handshake.sid, ws.id, other]).size, 3);
});

for (const sent of ['40[]', '40["a"]', '40"text"', '40null', '401null', '40true', '40{', '40{"a"}', '40/other,[]'])
  both(`CONNECT: the payload is an object or the connection is closed: ${sent}`, plain, async (t, server) => {
    const ws = await openWebSocket(t, server);
    ws.send(sent);
    assert.equal(await ws.closed(), 0);
  });

for (const [name, answered = name] of [['/nowhere'], ['/Other'], ['/other/'], ['/other?a=b'], ['/othe'], ['/ other'], ['/é']])
  both(`CONNECT: an unknown namespace is refused, and another may be tried: ${name}`, plain, async (t, server) => {
    const ws = await openWebSocket(t, server);
    ws.send(`40${name},`);
    assert.equal(await ws.next((x) => x.startsWith('44')), `44${answered},{"message":"Invalid namespace"}`);
    ws.send('40');
    await ws.next((x) => x.startsWith('40{'));
  });

both('CONNECT: a refusal has its message, and its data only when there is some', plain, async (t, server) => {
  const ws = await openWebSocket(t, server);
  ws.send('40/gate,{"refuse":"not you"}');
  assert.equal(await ws.next((x) => x.startsWith('44')), '44/gate,{"message":"not you"}');
  ws.send('40/gate,{"refuse":"nor you","data":{"code":7,"why":[null]}}');
  await ws.next('44/gate,{"message":"nor you","data":{"code":7,"why":[null]}}');
  ws.send('40/gate,');
  await ws.next((x) => x.startsWith('40/gate,{'));
});

both('CONNECT: twice to one namespace closes the connection', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send('40');
  assert.equal(await ws.closed(), 0);
});

both('CONNECT: an event right behind it', plain, { deviates: 'it waits for the decision; the reference closes, and stock clients never do it' }, async (t, server) => {
  const ws = await openWebSocket(t, server);
  ws.send('40').send('421["in","x"]');
  await ws.next('431[false]');
});

// ---- what has no place ----

for (const sent of ['42["echo"]', '421["echo"]', '430[]', '41', '41/other,', '44{"message":"x"}', '42/other,["echo"]'])
  both(`before CONNECT this closes: ${sent}`, plain, async (t, server) => {
    const ws = await openWebSocket(t, server);
    ws.send(sent);
    assert.equal(await ws.closed(), 0);
  });

for (const sent of ['42/other,["echo"]', '43/other,0[]', '41/other,', '42/nowhere,["echo"]', '44{"message":"x"}', '44/other,{"message":"x"}'])
  both(`who has joined another namespace alone is closed: ${sent}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.send(sent);
    assert.equal(await ws.closed(), 0);
  });

for (const sent of ['4', '4abc', '47', '48[]', '4-', '4/other,'])
  both(`not a packet: "${sent}"`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.send(sent);
    assert.equal(await ws.closed(), 0);
  });

both('a message of no bytes is not a packet', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.write(frame(BINARY, ''));
  assert.equal(await ws.closed(), 0);
});

// ---- EVENT ----

for (const [what, sent, back] of [
  ['no arguments', '["echo"]', '["echo"]'],
  ['values of every kind', '["echo",1,-2.5,"s",true,false,null,[],{},[1,[2]],{"a":{"b":[]}}]', null],
  ['spaces are left out', '[ "echo" , { "a" : [ 1 , 2 ] } ]', '["echo",{"a":[1,2]}]'],
  ['a newline behind it', '["echo",1]\n', '["echo",1]'],
  ['escapes', '["echo","\\u00e9\\u2028\\/\\"\\\\\\n"]', '["echo","é\u2028/\\"\\\\\\n"]'],
  ['a lone surrogate stays an escape', '["echo","\\ud800"]', null],
  ['a pair of surrogates', '["echo","\\ud83d\\ude00"]', '["echo","😀"]'],
  ['__proto__ is a key like others', '["echo",{"__proto__":{"a":1},"constructor":2}]', null],
  ['deep nesting', `["echo",${'['.repeat(2000)}${']'.repeat(2000)}]`, null],
  ['a large integer', '["echo",9007199254740991]', null],
  ['an empty key', '["echo",{"":1}]', null],
  ['placeholders are left as they are', '["echo",{"_placeholder":true,"num":0}]', null],
])
  both(`EVENT: ${what}`, plain, async (t, server) => {
    const [answer] = await answersTo(t, server, `42${sent}`);
    const same = JSON.stringify(JSON.parse(answer.slice(2))); // libsio passes JSON on as it came: it may have spaces and escapes
    assert.equal(same, back ?? sent);
  });

for (const [what, sent, value, deviates] of [
  ['a number too large is null', '1e400', Infinity, 'JSON is passed on as it came; JavaScript writes null'],
  ['minus zero', '-0', -0, 'JSON is passed on as it came; JavaScript writes 0'],
  ['an exponent', '1.5E+3', 1500],
  ['of two equal keys the last', '{"a":1,"a":2}', { a: 2 }],
  ['a fraction of many digits', '0.1000000000000000055511151231257827', 0.1],
])
  both(`EVENT: ${what}`, plain, { deviates }, async (t, server) => {
    const [answer] = await answersTo(t, server, `42["echo",${sent}]`);
    assert.deepEqual(JSON.parse(answer.slice(2)), ['echo', value]);
  });

both('EVENT: a name may be a number, empty, or "error"', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server, '40/other,');
  for (const name of ['1', '-1', '1.5', '""', '"error"', '"__proto__"', '"constructor"']) ws.send(`42/other,[${name},7]`);
  ws.send('421[]'.replace('421', '42/other,5').replace('[]', '["end"]'));
  await ws.next('43/other,5[]');
  const echoes = ws.texts.filter((x) => x.startsWith('42/other,') && x.endsWith(',7]'));
  assert.deepEqual(echoes.map((x) => JSON.parse(x.slice(9))[0]).map(String), ['1', '-1', '1.5', '', 'error', '__proto__', 'constructor']);
});

for (const name of ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])
  both(`EVENT: the name "${name}" is reserved`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.send(`42["${name}"]`);
    assert.equal(await ws.closed(), 0);
  });

for (const sent of ['[]', '{}', '[null]', '[true]', '[[]]', '[{}]', '{"0":"echo"}', '"echo"', '["echo"', '["echo"]x', '["echo",]', '[,"echo"]', '["echo",NaN]', '["echo",01]', '["echo",1.]', '["echo",.5]', '["echo",+1]', "['echo']", '["echo","a\tb"]', '["echo","\\x"]', '["echo","\\u12"]', '["echo",tru]', '["echo" 1]', '["echo",{"a":1,}]', '["echo",{a:1}]', '["echo","a\nb"]', '["echo",Infinity]', '["echo"]["echo"]'])
  both(`EVENT: closed for ${JSON.stringify(sent)}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.send(`42${sent}`);
    assert.equal(await ws.closed(), 0);
  });

both('EVENT: without a payload it is ignored', plain, async (t, server) => assert.deepEqual(await answersTo(t, server, ['42', '42/,', '425']), []));

// ---- acknowledgements ----

for (const [what, id, back] of [
  ['an id', '1', '1'],
  ['zero', '0', '0'],
  ['leading zeros', '007', '7'],
  ['a space counts as a digit', ' ', '0'],
  ['the largest exact integer', '9007199254740991', '9007199254740991'],
])
  both(`ack: ${what}`, plain, async (t, server) => {
    assert.deepEqual(await answersTo(t, server, `42${id}["in","x"]`), [`43${back}[false]`]);
  });

for (const id of ['-1', '1.5', '1e3', '+1', '0x1'])
  both(`ack: an id that is no integer closes: ${id}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.send(`42${id}["in","x"]`);
    assert.equal(await ws.closed(), 0);
  });

for (const id of ['9007199254740993', '99999999999999999999'])
  both(`ack: an id that no client counts to closes: ${id}`, plain, { deviates: 'the reference answers with the nearest double' }, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.send(`42${id}["in","x"]`);
    assert.equal(await ws.closed(), 0);
  });

/** Asks the server to ask: resolves to the id of its question. */
async function question(ws, namespace = '', timeout = 5000) {
  const before = ws.texts.length;
  ws.send(`42${namespace}["ask",${timeout}]`);
  const text = await until(() => ws.texts.slice(before).find((x) => x.includes('["question"')), 'the question');
  return Number(/^42(\d+)/.exec(text)[1]);
}

both('ack: the ids of the server begin at 0 and count up', pair(), async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  assert.deepEqual([await question(ws), await question(ws), await question(ws)], [0, 1, 2]);
});

both('ack: an answer comes back once; unknown, second and foreign ones are ignored', plain, async (t, server) => {
  const [ws, other] = [await joinedWebSocket(t, server), await joinedWebSocket(t, server)];
  const id = await question(ws);
  other.send(`43${id}["foreign"]`);
  await settle(other);
  ws.send(`43${id + 100}["unknown"]`).send(`43["without an id"]`);
  ws.send(`43${id}["mine",2]`).send(`43${id}["again"]`).send(`43${id}`);
  await settle(ws);
  assert.deepEqual(ws.texts.filter((x) => x.includes('answered')), ['42["answered","mine",2]']);
});

both('ack: an answer with bytes', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  const id = await question(ws);
  ws.send(`461-${id}[{"_placeholder":true,"num":0},"x"]`).write(binary(1, 2));
  await ws.next('451-["answered",{"_placeholder":true,"num":0},"x"]');
});

both('ack: no answer in time sends nothing to the client', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  const id = await question(ws, '', 50);
  await ws.next('42["answered",null]');
  const from = ws.texts.length;
  ws.send(`43${id}["late"]`);
  await settle(ws);
  assert.equal(ws.texts.length, from + 1);
});

for (const payload of ['{}', '"x"', '1', 'null', '[', '[1]x'])
  both(`ack: an answer that is no array closes: ${payload}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    const id = await question(ws);
    ws.send(payload === '1' ? `43${id} x` : `43${id}${payload}`);
    assert.equal(await ws.closed(), 0);
  });

// ---- binary ----

const hole = (num) => `{"_placeholder":true,"num":${num}}`;

for (const [what, sent, back] of [
  ['an event', [`451-["echo",${hole(0)}]`, binary(1, 2)], [`451-["echo",${hole(0)}]`, [1, 2]]],
  ['of no bytes', [`451-["echo",${hole(0)}]`, binary()], [`451-["echo",${hole(0)}]`, []]],
  ['several, deep', [`452-["echo",{"a":[${hole(0)},{"b":${hole(1)}}]}]`, binary(1), binary(2)], [`452-["echo",{"a":[${hole(0)},{"b":${hole(1)}}]}]`, [1], [2]]],
  ['ten', [`4510-["echo",${Array.from({ length: 10 }, (_, i) => hole(i))}]`, ...Array.from({ length: 10 }, (_, i) => binary(i))], [`4510-["echo",${Array.from({ length: 10 }, (_, i) => hole(i))}]`, ...Array.from({ length: 10 }, (_, i) => [i])]],
  ['a noop and a pong in between', [`451-["echo",${hole(0)}]`, '6', '3', binary(1)], [`451-["echo",${hole(0)}]`, [1]]],
])
  both(`binary: ${what}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    const from = ws.frames.length;
    for (const part of sent) typeof part === 'string' ? ws.send(part) : ws.write(part);
    await settle(ws);
    assert.deepEqual(later(ws, from).slice(0, -1), back);
  });

both('binary: an event with an ack, in another namespace', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server, '40/other,');
  const from = ws.frames.length;
  ws.send(`451-/other,789["b",${hole(0)},"x"]`).write(binary(7));
  await until(() => ws.frames.length === from + 4, 'event and ack');
  assert.deepEqual(later(ws, from), [`451-/other,["b",${hole(0)},"x"]`, [7], `461-/other,789[${hole(0)},"x"]`, [7]]);
});

both('binary: an attachment that nothing refers to', plain, async (t, server) => {
  const answers = await answersTo(t, server, ['451-1["in","x"]', binary(1)]);
  assert.deepEqual(answers, ['431[false]']);
});

both('binary: an attachment that is referred to twice', plain, async (t, server) => {
  const answers = await answersTo(t, server, [`451-1["in",${hole(0)},${hole(0)}]`, binary(1)]);
  assert.deepEqual(answers, ['431[false]']);
});

for (const [what, sent] of [
  ['more than ten', [`4511-["echo",${hole(0)}]`]],
  ['none announced', ['450-["echo"]']],
  ['no count', ['45-["echo"]']],
  ['no dash', [`451["echo",${hole(0)}]`]],
  ['a negative count', ['45-1-["echo"]']],
  ['a fraction', ['451.5-["echo"]']],
  ['a placeholder beyond the count', [`451-["echo",${hole(1)}]`, binary(1)]],
  ['a negative placeholder', [`451-["echo",${hole(-1)}]`, binary(1)]],
  ['a placeholder that is no number', ['451-["echo",{"_placeholder":true,"num":"0"}]', binary(1)]],
  ['a placeholder without a number', ['451-["echo",{"_placeholder":true}]', binary(1)]],
  ['text before all have come', [`451-["echo",${hole(0)}]`, '42["echo"]']],
  ['bytes without a header', [binary(1)]],
])
  both(`binary: closed for ${what}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    for (const part of sent) typeof part === 'string' ? ws.send(part) : ws.write(part);
    assert.equal(await ws.closed(), 0);
  });

// ---- DISCONNECT ----

/** Joined to "/" and "/other", and back out of "/". */
async function left(t, server) {
  const ws = await joinedWebSocket(t, server);
  ws.send('40/other,');
  await ws.next((x) => x.startsWith('40/other,'));
  ws.send('41').send('42/other,1["mark"]');
  await ws.next('43/other,1[]');
  return ws;
}

both('DISCONNECT: the connection stays, and the namespace may be joined again', plain, async (t, server) => {
  const ws = await left(t, server);
  ws.send('40');
  await until(() => ws.texts.filter((x) => x.startsWith('40{')).length === 2, 'the second CONNECT');
  await settle(ws);
});

both('DISCONNECT: of one namespace, the others stay', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send('40/other,');
  await ws.next((x) => x.startsWith('40/other,'));
  ws.send('41/other,');
  await settle(ws);
  ws.send('40/other,');
  await until(() => ws.texts.filter((x) => x.startsWith('40/other,')).length === 2, 'the second CONNECT');
});

both('DISCONNECT: an event behind it closes', plain, async (t, server) => {
  const ws = await left(t, server);
  ws.send('42["echo"]');
  assert.equal(await ws.closed(), 0);
});

for (const sent of ['41,', '41[]', '41{}', '41"x"', '411x'])
  both(`DISCONNECT: with a payload it closes: ${sent}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.send(sent);
    assert.equal(await ws.closed(), 0);
  });

// ---- both transports alike ----

both('a malformed packet ends a polling session', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  assert.equal((await poll.post('4abc')).text, 'ok');
  assert.equal(packetsOf(await poll.get()).at(-1), '1');
  await isGone(poll);
});
