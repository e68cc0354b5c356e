/** Shows the App of the package's README, which the test puts beside this file, to whom the address names. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.js';

const said = new URLSearchParams(location.search);
const [url = '', token = '', estateId = ''] = ['url', 'token', 'estate'].map((name) => said.get(name) ?? '');
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App url={url} token={token} estateId={estateId} />
    </StrictMode>,
  );
}
