import QtQuick
import "../controls"

// Calm, says where to go, and heals by itself.
Farewell {
    iconName: "door-open"
    screenKey: "out_of_service"
    withDesk: true

    TechnicianCorners {}
}
