"""What stands in a ward and where: sites, boxes, cameras, the map, and walls as people arrange them."""
