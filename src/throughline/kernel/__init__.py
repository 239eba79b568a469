"""Plain Python that every floor may use: errors, money, days. Knows no Django and no business."""
