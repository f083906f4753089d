/**
 * Loads the page anew, without the code that plugins left in it. What it shows is gone at once, as the new page may take
 * its time: nobody is to type a password into the old one.
 */
export function loadAnew(): void {
  document.body.hidden = true;
  location.reload();
}
