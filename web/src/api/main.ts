/** The readable page of the API: both documents of this server, side by side and searchable. */
import { applyTheme, chosenTheme } from '../app/theme';
import '../style/tokens.css';
import '../style/base.css';
import './api.css';
import { loadAsyncApi, loadOpenApi, type OpenApi } from './documents';
import { element, paragraphs } from './element';
import { contentsView, groupView, type Group } from './entry';
import { eventGroups } from './events';
import { routeGroups } from './routes';
import { filterEntries, showAddressed } from './search';
import { typeGroup } from './types';

const main = document.getElementById('reference');
const contents = document.getElementById('contents');
const status = document.getElementById('status');
const search = document.querySelector<HTMLInputElement>('#search');

function introduction({ info }: OpenApi, events: string): HTMLElement {
  return element(
    'section',
    { class: 'introduction' },
    element('h1', {}, `${info.title} ${info.version}`),
    ...paragraphs(events),
    ...paragraphs(info.description),
  );
}

function searchBy(text: string): void {
  if (!main || !status) return;
  const found = filterEntries(main, text);
  status.textContent = text.trim() ? `${found} found` : '';
}

async function show(): Promise<void> {
  const [openapi, asyncapi] = await Promise.all([loadOpenApi(), loadAsyncApi()]);
  const groups: Group[] = [...eventGroups(asyncapi), ...routeGroups(openapi), typeGroup(openapi)];
  main?.append(introduction(openapi, asyncapi.info.description), ...groups.map(groupView));
  contents?.append(contentsView(groups));
  searchBy(search?.value ?? '');
  showAddressed();
}

applyTheme(chosenTheme());
search?.form?.addEventListener('submit', (event) => event.preventDefault());
search?.addEventListener('input', () => searchBy(search.value));
addEventListener('hashchange', showAddressed);
show().catch((error: unknown) => {
  if (status) status.textContent = `The documents could not be loaded (${String(error)}). Load the page again.`;
});
