/**
 * `<ward-map>`: the ward from above. Owns the Leaflet map, which outlives what is rendered around it: draws sites, view
 * cones and pins, and says which pin was chosen. What they mean and how they look is decided by who sets them.
 * Set `tiles`, `sites`, `pins` and `words`; it fires `choose` with a pin's key. `bring(key, over)` brings a pin into sight.
 *
 * @typedef {import("./geo.js").LatLon} LatLon
 * @typedef {object} Pin
 * @property {string} key
 * @property {LatLon} at
 * @property {string} label for who cannot see it
 * @property {string} look the class of its state
 * @property {any} face what stands in it, as Preact renders it
 * @property {LatLon[]|null} cone what it sees
 * @property {boolean} selected
 * @property {number} height which of two that overlap lies above
 * @property {number} size in pixels
 *
 * @typedef {{id: string, name: string, shape: "line"|"polygon", points: LatLon[], name_at: LatLon}} Site
 * @typedef {{url: string, attribution: string, max_zoom: number}} Tiles
 * @typedef {{zoomIn: string, zoomOut: string}} Words
 */
import { render } from "preact";

const NEAREST = 20;
const FARTHEST = 12;
const MARGIN_PX = 48;
/** The classes by which Leaflet moves a pin. */
const OF_LEAFLET = "leaflet-marker-icon leaflet-interactive leaflet-zoom-animated";
/** A ward of one place is not looked at from nearer than this. */
const FIRST_ZOOM = 18;

/** Loaded when the first map is opened: the wall does not need it. @type {Promise<any>|null} */
let library = null;
const load = () => (library ??= import("./vendor/leaflet.js"));

export class WardMap extends HTMLElement {
  #leaflet = /** @type {any} */ (null);
  #map = /** @type {any} */ (null);
  #ground = /** @type {any} */ (null);
  #tiles = /** @type {Tiles|null} */ (null);
  #sites = /** @type {Site[]} */ ([]);
  #pins = /** @type {Pin[]} */ ([]);
  #words = /** @type {Words} */ ({ zoomIn: "+", zoomOut: "-" });
  #drawn = /** @type {Map<string, {marker: any, cone: any}>} */ (new Map());
  #fitted = false;
  #awaited = /** @type {{key: string, over: Element|null}|null} */ (null);
  #sizes = /** @type {ResizeObserver|null} */ (null);

  set tiles(tiles) {
    this.#tiles = tiles || null;
  }

  set words(words) {
    this.#words = words;
  }

  set sites(sites) {
    if (sites === this.#sites) return;
    this.#sites = sites;
    this.#drawGround();
  }

  set pins(pins) {
    this.#pins = pins;
    this.#drawPins();
  }

  async connectedCallback() {
    const L = await load();
    if (!this.isConnected || this.#map) return;
    this.#leaflet = L;
    const ground = document.createElement("div");
    ground.className = "ward-map__ground";
    this.append(ground);
    this.#map = L.map(ground, {
      zoomControl: false, attributionControl: false, minZoom: FARTHEST, maxZoom: NEAREST, zoomSnap: 0.5, center: [0, 0], zoom: FARTHEST,
    });
    L.control.zoom({ zoomInTitle: this.#words.zoomIn, zoomOutTitle: this.#words.zoomOut }).addTo(this.#map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(this.#map);
    this.#addTiles();
    this.#sizes = new ResizeObserver(() => { this.#map?.invalidateSize(); this.#fit(); });
    this.#sizes.observe(this);
    this.#drawGround();
    this.#drawPins();
  }

  disconnectedCallback() {
    this.#sizes?.disconnect();
    for (const { marker } of this.#drawn.values()) render(null, marker.getElement());
    this.#drawn.clear();
    this.#map?.remove();
    this.#map = this.#ground = null;
    this.#fitted = false;
    this.replaceChildren();
  }

  /** Brings a pin into sight, if it is not.
   * @param {string} key @param {Element|null} over lies over the map: at its foot, or at its right */
  bring(key, over) {
    this.#awaited = { key, over };
    this.#bring();
  }

  /** As soon as there is a map to move. */
  #bring() {
    const pin = this.#pins.find((one) => one.key === this.#awaited?.key);
    if (!pin || !this.#awaited || !this.#fitted) return;
    const covered = this.#awaited.over?.getBoundingClientRect() ?? { width: 0, height: 0 };
    const wide = covered.width > this.clientWidth * 0.7;
    this.#awaited = null;
    this.#map.panInside(pin.at, {
      paddingTopLeft: [MARGIN_PX, MARGIN_PX],
      paddingBottomRight: [MARGIN_PX + (wide ? 0 : covered.width), MARGIN_PX + (wide ? covered.height : 0)],
    });
  }

  #addTiles() {
    if (this.#tiles === null) return;
    const { url, attribution, max_zoom: maxNativeZoom } = this.#tiles;
    const L = this.#leaflet;
    L.control.attribution({ prefix: false }).addTo(this.#map);
    L.tileLayer(url, { attribution: escaped(attribution), maxNativeZoom, maxZoom: NEAREST }).addTo(this.#map);
  }

  /** Streets as lines, markets and offices as areas, each with its name. */
  #drawGround() {
    if (!this.#map) return;
    const L = this.#leaflet;
    this.#ground?.remove();
    this.#ground = L.layerGroup(this.#sites.flatMap(({ name, shape, points, name_at: at }) => {
      const look = (className, weight) => ({ className, weight, interactive: false });
      const shapes = shape === "line"
        ? [L.polyline(points, look("site site--edge", 22)), L.polyline(points, look("site site--street", 17))]
        : points.length > 0 ? [L.polygon(points, look("site site--area", 1.5))] : [];
      const label = document.createElement("span");
      label.textContent = name;
      const icon = L.divIcon({ className: `site__name site__name--${shape}`, html: label, iconSize: null });
      return [...shapes, L.marker(at, { icon, interactive: false, keyboard: false, zIndexOffset: -1000 })];
    })).addTo(this.#map);
    this.#fit();
  }

  #drawPins() {
    if (!this.#map) return;
    const gone = new Set(this.#drawn.keys());
    for (const pin of this.#pins) {
      gone.delete(pin.key);
      const drawn = this.#drawn.get(pin.key) ?? this.#place(pin);
      drawn.marker.setLatLng(pin.at).setZIndexOffset(1000 * pin.height);
      this.#see(drawn, pin);
      const element = drawn.marker.getElement();
      element.className = `${OF_LEAFLET} pin ${pin.look} ${pin.selected ? "pin--selected" : ""}`;
      element.setAttribute("aria-label", pin.label);
      element.setAttribute("aria-pressed", String(pin.selected));
      render(pin.face, element);
    }
    for (const key of gone) this.#drop(key);
    this.#fit();
  }

  #place(pin) {
    const L = this.#leaflet;
    const icon = L.divIcon({ className: "pin", html: "", iconSize: [pin.size, pin.size] });
    const marker = L.marker(pin.at, { icon, keyboard: true, riseOnHover: true }).addTo(this.#map);
    const element = marker.getElement();
    const choose = () => this.dispatchEvent(new CustomEvent("choose", { detail: pin.key }));
    element.dataset.testid = `pin-${pin.key}`;
    marker.on("click", choose);
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      choose();
    });
    element.addEventListener("focus", () => this.#map?.panInside(marker.getLatLng(), { padding: [MARGIN_PX, MARGIN_PX] }));
    const drawn = { marker, cone: null };
    this.#drawn.set(pin.key, drawn);
    return drawn;
  }

  #see(drawn, { cone, look, selected }) {
    if (cone === null) {
      drawn.cone?.remove();
      drawn.cone = null;
      return;
    }
    drawn.cone ??= this.#leaflet.polygon(cone, { className: "cone", weight: 1.2, interactive: false }).addTo(this.#map);
    drawn.cone.setLatLngs(cone);
    drawn.cone.getElement()?.setAttribute("class", `cone ${look}${selected ? " cone--selected" : ""}`);
  }

  #drop(key) {
    const drawn = this.#drawn.get(key);
    if (!drawn) return;
    render(null, drawn.marker.getElement());
    drawn.marker.remove();
    drawn.cone?.remove();
    this.#drawn.delete(key);
  }

  /** Shows everything, once there is something and room for it. */
  #fit() {
    const points = [
      ...this.#sites.flatMap(({ points: shape, name_at: at }) => [...shape, at]),
      ...this.#pins.flatMap(({ at, cone }) => [at, ...(cone ?? [])]),
    ];
    if (this.#fitted || !this.#map || points.length === 0 || this.clientWidth === 0) return;
    this.#fitted = true;
    this.#map.fitBounds(points, { padding: [MARGIN_PX, MARGIN_PX], maxZoom: FIRST_ZOOM, animate: false });
    this.#bring();
  }
}

function escaped(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}

customElements.define("ward-map", WardMap);
