// A client of the public API and nothing else: what it does, any product can do.
const $ = id => document.getElementById(id);
let token = sessionStorage.getItem('token');
let stream;

const api = async (path, options = {}) => {
  const answer = await fetch(path, { ...options, headers: { ...(token && { Authorization: `Bearer ${token}` }), ...options.headers } });
  const body = await answer.json();
  if (!answer.ok) {
    if (answer.status === 401) signedOut();
    const detail = body.detail;
    throw new Error(typeof detail === 'string' ? detail : detail?.error ?? `The server answered ${answer.status}.`);
  }
  return body;
};

const say = (text, failed = false) => {
  $('state').textContent = text;
  $('state').classList.toggle('failed', failed);
};

const attempt = work => async (...args) => {
  try { await work(...args); } catch (failure) { say(failure.message, true); }
};

// The callback answers JSON; the window that opened it reads it there, being of the same origin.
const signIn = async () => {
  const popup = window.open('', 'google', 'width=480,height=640');
  popup.location = (await api('/auth/google/url')).auth_url;
  const timer = setInterval(() => {
    if (popup.closed) return clearInterval(timer);
    try {
      if (!popup.location.pathname.endsWith('/auth/google/callback') || popup.document.readyState !== 'complete') return;
      const answer = JSON.parse(popup.document.body.innerText);
      clearInterval(timer);
      popup.close();
      if (!answer.access_token) return say(answer.detail, true);
      sessionStorage.setItem('token', token = answer.access_token);
      signedIn();
    } catch { /* The consent page is of another origin: not yet. */ }
  }, 200);
};

const signedIn = async () => {
  const me = await api('/api/users/me');
  $('welcome').hidden = true;
  for (const id of ['account', 'work', 'live']) $(id).hidden = false;
  $('name').textContent = me.name ?? me.email;
  show(me.credits);
  listen();
};

const signedOut = () => {
  sessionStorage.removeItem('token');
  token = null;
  stream?.abort();
  $('welcome').hidden = false;
  for (const id of ['account', 'work', 'live']) $(id).hidden = true;
};

const show = credits => { $('balance').textContent = credits.toLocaleString(); };

const log = text => {
  const line = document.createElement('li');
  line.textContent = text;
  $('events').prepend(line);
};

// EventSource cannot send a Bearer token, so the stream is read by hand; after a break it goes on from the last id.
const listen = async (lastId = '') => {
  stream?.abort();
  const mine = stream = new AbortController();
  try {
    const answer = await fetch('/api/events', { signal: mine.signal, headers: { Authorization: `Bearer ${token}`, ...(lastId && { 'Last-Event-ID': lastId }) } });
    if (!answer.ok) return;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const field = name => block.split('\n').find(line => line.startsWith(`${name}:`))?.slice(name.length + 1).trim();
        lastId = field('id') ?? lastId;
        const data = field('data');
        if (!data) continue;
        const event = JSON.parse(data);
        if (event.type === 'balance_updated') show(event.new_balance);
        if (event.type !== 'ping') log(data);
      }
    }
  } catch { /* A broken connection is opened again below. */ }
  if (!mine.signal.aborted) setTimeout(() => listen(lastId), 1000);
};

const buy = async id => {
  const { checkout_url } = await api(`/api/billing/checkout/${id}?success_url=${encodeURIComponent(`${location.origin}/try`)}&cancel_url=${encodeURIComponent(`${location.origin}/try`)}`, { method: 'POST' });
  window.open(checkout_url, '_blank');
};

const transcribe = async (recording, name) => {
  say('Sending …');
  $('text').hidden = true;
  const form = new FormData();
  form.append('audio', recording, name);
  const answer = await api('/api/transcribe', { method: 'POST', body: form });
  say(`${answer.duration_seconds} seconds cost ${answer.credits_used} credit${answer.credits_used === 1 ? '' : 's'}; ${answer.credits_remaining} left.`);
  $('text').textContent = answer.text;
  $('text').hidden = false;
};

let recorder;
const record = async () => {
  if (recorder?.state === 'recording') return recorder.stop();
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const parts = [];
  recorder = new MediaRecorder(microphone);
  recorder.ondataavailable = part => parts.push(part.data);
  recorder.onstop = attempt(async () => {
    microphone.getTracks().forEach(track => track.stop());
    $('record').textContent = 'Record';
    const type = recorder.mimeType;
    await transcribe(new Blob(parts, { type }), type.includes('mp4') ? 'recording.mp4' : type.includes('ogg') ? 'recording.ogg' : 'recording.webm');
  });
  recorder.start();
  $('record').textContent = 'Stop';
  say('Speak …');
};

$('sign-in').onclick = attempt(signIn);
$('sign-out').onclick = signedOut;
$('record').onclick = attempt(record);
$('file').onchange = attempt(async () => {
  const [file] = $('file').files;
  if (file) await transcribe(file, file.name);
  $('file').value = '';
});

const packs = await api('/api/billing/packages');
for (const pack of packs) {
  const button = document.createElement('button');
  button.textContent = `${pack.credits.toLocaleString()} for $${(pack.price_cents / 100).toFixed(2)}`;
  button.dataset.pack = pack.id;
  button.onclick = attempt(() => buy(pack.id));
  $('packs').append(button);
}
$('sandbox').href = document.querySelector('meta[name=sandbox]')?.content ?? '#';
if (token) attempt(signedIn)();
