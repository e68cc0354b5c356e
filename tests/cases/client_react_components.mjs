// The components as people and their machines meet them: roles, names, keys, and texts that are never anything but text.
import assert from 'node:assert/strict';
import { connect } from '../harness/client.mjs';
import { click, find, h, mount, press, Storage, type, useState } from '../harness/react/dom.mjs';
import { packageFile } from '../harness/react/package.mjs';
import { groupOf, makeDirect, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 16, args: ['--presence-grace', '0'] });
const ui = await import(packageFile());

const inProvider = (t, user, ...children) => mount(t, h(ui.VaultifyProvider, { url: server.url, token: user.token, storage: new Storage() }, ...children));
const shown = (place, selector, text) => until(() => [...place.querySelectorAll(selector)].find((e) => e.textContent.includes(text)), () => `${selector} with ${text} in ${place.innerHTML.slice(0, 2000)}`);

async function talk(t) {
  const [a, b] = server.estate().residents;
  const conversation = await makeDirect(server, a, b);
  const other = await connect(t, server, b);
  const { place } = inProvider(t, a, h(ui.MessageList, { conversationId: conversation }), h(ui.TypingIndicator, { conversationId: conversation }), h(ui.Composer, { conversationId: conversation }));
  const field = await find(place, 'textarea[aria-label=Message]');
  return { b, other, conversation, place, field };
}

test('a message is an article in the log, with its state; markup in it is text', async (t) => {
  const { place, field, other } = await talk(t);
  const evil = '<img src=x onerror="document.title=\'caught\'"><b>bold</b> javascript:alert(1)';
  type(field, evil);
  press(field, 'Enter');
  const mine = await shown(place, '[role=log] article', evil);
  assert.equal(mine.dataset.mine, 'true');
  await until(() => ['sent', 'delivered', 'read'].includes(mine.dataset.state) && mine.dataset.messageId, 'it to be sent');
  assert.equal(place.querySelectorAll('article img, article b, article a').length, 0);
  assert.equal(document.title, 'Tests');
  assert.equal((await other.next('new_message')).message.content, evil);
});

test('Enter sends, Shift+Enter and an input method do not; an empty text is not sent', async (t) => {
  const { place, field, other } = await talk(t);
  const send = [...place.querySelectorAll('button')].find((b) => b.textContent === 'Send');
  assert.equal(send.disabled, true);
  type(field, '   ');
  press(field, 'Enter');
  type(field, 'half');
  assert.equal(press(field, 'Enter', { shiftKey: true }).defaultPrevented, false);
  press(field, 'Enter', { isComposing: true });
  press(field, 'Enter', { keyCode: 229 });
  type(field, 'whole');
  click(send);
  await other.next('new_message', (m) => m.message.content === 'whole');
  await until(() => field.value === '', 'an empty field');
  assert.deepEqual(other.all('new_message').map((m) => m.message.content), ['whole']);
});

test('a text that is too long says by how much, and stays', async (t) => {
  const { place, field } = await talk(t);
  type(field, 'é'.repeat(8193));
  await shown(place, '[role=alert]', 'Too long by 2 bytes');
  press(field, 'Enter');
  assert.equal(field.value.length, 8193);
  assert.equal(place.querySelectorAll('article').length, 0);
});

test('a draft waits in its conversation', async (t) => {
  const [a, b] = server.estate().residents;
  const conversation = await makeDirect(server, a, b);
  const storage = new Storage();
  const composer = (id) => h(ui.VaultifyProvider, { url: server.url, token: a.token, storage }, h(ui.Composer, { conversationId: id }));
  const own = mount(t, composer(conversation));
  type(await find(own.place, 'textarea'), 'mine');
  own.render(composer('00000000-0000-4000-8000-000000000000'));
  await until(() => own.place.querySelector('textarea').value === '', 'another draft');
  own.render(composer(conversation));
  await until(() => own.place.querySelector('textarea').value === 'mine', 'the draft');
});

test('Reply gives what is answered to the composer, Escape takes it back, and the answer carries it', async (t) => {
  const [a, b] = server.estate().residents;
  const conversation = await makeDirect(server, a, b);
  const other = await connect(t, server, b);
  const { messageId } = await other.must('send_message', { conversationId: conversation, content: 'Who has the key?' });
  function Talk() {
    const [replyTo, setReplyTo] = useState(null);
    return [h(ui.MessageList, { key: 1, conversationId: conversation, onReply: setReplyTo }), h(ui.Composer, { key: 2, conversationId: conversation, replyTo, onCancelReply: () => setReplyTo(null) })];
  }
  const { place } = inProvider(t, a, h(Talk));
  const article = await shown(place, 'article', 'Who has the key?');
  const reply = () => click([...article.querySelectorAll('button')].find((x) => x.textContent === 'Reply'));
  reply();
  await shown(place, 'form', `Replying to ${b.first} ${b.last}`);
  const field = place.querySelector('textarea');
  press(field, 'Escape');
  await until(() => !place.querySelector('form').textContent.includes('Replying'), 'no reply');
  reply();
  await shown(place, 'form', 'Replying to');
  type(field, 'I have');
  press(field, 'Enter');
  const answer = await other.next('new_message', (m) => m.message.content === 'I have');
  assert.equal(answer.message.reply_to_message_id, messageId);
});

test('who types is a status, which empties', async (t) => {
  const { place, other, conversation, b } = await talk(t);
  await other.must('send_message', { conversationId: conversation, content: 'a moment' });
  await shown(place, 'article', 'a moment');
  await find(place, '[role=log][aria-busy=false]');
  await other.must('typing', { conversationId: conversation, isTyping: true });
  await shown(place, '[role=status]', `${b.first} ${b.last} is typing`);
  await other.must('typing', { conversationId: conversation, isTyping: false });
  await until(() => place.querySelector('[role=status]').textContent === '', 'the end of it');
});

test('the list of conversations: links, the current one, what is unread, and arrows', async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const first = await makeDirect(server, a, b);
  await makeDirect(server, a, c);
  const other = await connect(t, server, b);
  await other.must('send_message', { conversationId: first, content: 'unread' });
  const { place } = inProvider(t, a, h(ui.ConversationList, { current: first, href: (x) => `#/c/${x.id}`, labels: { unread: (n) => `${n} ungelesen` } }));
  const link = await shown(place, 'nav[aria-label=Conversations] a', `${b.first} ${b.last}`);
  assert.equal(link.getAttribute('href'), `#/c/${first}`);
  assert.equal(link.getAttribute('aria-current'), 'page');
  assert.ok(link.textContent.startsWith(`${b.first} ${b.last}`));
  await shown(link, 'span', '1 ungelesen');
  await until(() => place.querySelectorAll('a').length >= 2, 'both');
  const links = [...place.querySelectorAll('a')];
  links[0].focus();
  press(links[0], 'ArrowDown');
  assert.equal(document.activeElement, links[1]);
  press(links[1], 'Home');
  assert.equal(document.activeElement, links[0]);
});

test('an emergency is an alertdialog until it is acknowledged; other announcements are dismissed', async (t) => {
  const estate = server.estate();
  await groupOf(server, estate.admin);
  const admin = await connect(t, server, estate.admin);
  const resident = await connect(t, server, estate.residents[0]);
  const { place } = inProvider(t, estate.residents[0], h(ui.BroadcastBanner), h(ui.ConnectionNotice));
  await find(place, '[data-connection=online]');
  await admin.must('estate_broadcast', { message: 'Fire in block A', type: 'emergency' });
  const dialog = await find(place, '[role=alertdialog]');
  const title = document.getElementById(dialog.getAttribute('aria-labelledby'));
  assert.equal(title.textContent, 'Emergency');
  assert.ok(dialog.textContent.includes('Fire in block A'));
  assert.ok(dialog.open);
  dialog.removeAttribute('open'); // as a browser does at the second Escape
  dialog.dispatchEvent(new window.Event('close'));
  assert.ok(dialog.open, 'closing it is not enough');
  click([...dialog.querySelectorAll('button')].find((b) => b.textContent === 'I have seen this'));
  await until(() => !place.querySelector('[role=alertdialog]'), 'it to be gone');
  await admin.must('estate_broadcast', { message: 'Pool is closed', type: 'maintenance' });
  await shown(place, '[role=status]', 'Pool is closed');
  click([...place.querySelectorAll('button')].find((b) => b.textContent === 'Dismiss'));
  await until(() => !place.textContent.includes('Pool is closed'), 'it to be dismissed');
  assert.equal(resident.all('estate_broadcast').length, 2);
});

test('MessagingComponent is a group chat; one for another estate says that there is none', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const group = await groupOf(server, b);
  const other = await connect(t, server, b);
  const { place } = mount(t, h(ui.MessagingComponent, { url: server.url, token: a.token, estateId: estate.id }));
  const field = await find(place, 'textarea');
  type(field, 'Hello estate');
  press(field, 'Enter');
  await other.next('new_message', (m) => m.message.content === 'Hello estate' && m.conversationId === group);
  const stranger = mount(t, h(ui.MessagingComponent, { url: server.url, token: a.token, estateId: server.estate().id }));
  await shown(stranger.place, '[role=alert]', 'no conversation for you');
  assert.equal(stranger.place.querySelector('textarea'), null);
});

test('useMessagingSocket: connected, heard and sent, and closed when the component goes', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const group = await groupOf(server, b);
  const other = await connect(t, server, b);
  let now;
  function Bare() {
    now = ui.useMessagingSocket(a.token, { url: server.url });
    return null;
  }
  const { unmount } = mount(t, h(Bare));
  await until(() => now?.connected, 'the connection');
  const heard = [];
  now.socket.on('new_message', (m) => heard.push(m.message.content));
  now.joinEstate(estate.id);
  now.typing(group, true);
  now.sendMessage(group, 'Hello everyone!');
  await other.next('user_typing', (x) => x.userId === a.id && x.isTyping);
  await other.next('new_message', (m) => m.message.content === 'Hello everyone!');
  await until(() => heard.length === 1, 'the echo');
  unmount();
  const online = async () => (await rest(server, b, 'GET', `/messaging/estate/${estate.id}/online-users`)).map((u) => u.user_id);
  await until(async () => !(await online()).includes(a.id), 'the socket to be closed');
});
