import QtQuick
import "../controls"

// Nothing of the visit is left.
Farewell {
    iconName: "circle-check"
    screenKey: "wiped"
}
