/** What stands in a page that is to be loaded anew, in place of all that it showed. */
export interface WaitingPage {
  readonly body: HTMLElement;
  readonly focus: () => void;
}

/**
 * Draws such a page, to be shown later: by then code of plugins may have changed how elements are made. `text` says what
 * it waits for.
 */
export function drawWaitingPage(text: string, reload: () => void): WaitingPage {
  const body = document.createElement('body');
  const main = document.createElement('main');
  main.className = 'fw-login';
  const card = document.createElement('div');
  card.className = 'fw-card fw-waiting';
  const heading = document.createElement('h1');
  heading.textContent = 'The page is loaded anew';
  const status = document.createElement('p');
  status.setAttribute('role', 'status');
  status.tabIndex = -1;
  status.textContent = text;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'fw-button';
  button.textContent = 'Load it now';
  button.addEventListener('click', reload);
  card.append(heading, status, button);
  main.append(card);
  body.append(main);
  return { body, focus: status.focus.bind(status) };
}
