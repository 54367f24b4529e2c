/** As much of Leaflet as the map uses; what these give back is not described here. */
export const control: any;
export const divIcon: (options: object) => any;
export const layerGroup: (layers: any[]) => any;
export const map: (ground: Element, options: object) => any;
export const marker: (at: any, options: object) => any;
export const polygon: (points: any, options: object) => any;
export const polyline: (points: any, options: object) => any;
export const tileLayer: (url: string, options: object) => any;
