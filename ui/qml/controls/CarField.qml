pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// Parts of a vehicle: touched in its picture, seen from above, or chosen beside it in words. Both are one choice.
Item {
    id: field

    property string name: ""
    property var options: []
    property var value: []
    readonly property bool beside: !Theme.enlarged

    signal edited(var value)

    implicitHeight: beside ? Math.max(car.implicitHeight, tiles.implicitHeight) : car.implicitHeight + Theme.wideGap + tiles.implicitHeight

    CarPicture {
        id: car

        chosen: tiles.chosen ?? []
        name: field.name
        options: field.options
        width: Theme.mm(108)
        x: field.beside ? 0 : Math.round((field.width - width) / 2)

        onTouched: zone => tiles.choose(zone)
    }
    Tiles {
        id: tiles

        name: field.name
        options: field.options
        several: true
        value: field.value
        columns: width > Theme.mm(190) && !Theme.enlarged ? 2 : 1
        least: 20  // the smallest that is touched with ease: ten parts fit the screen
        width: field.beside ? field.width - x : field.width
        x: field.beside ? car.width + Theme.wideGap : 0
        y: field.beside ? 0 : car.implicitHeight + Theme.wideGap

        onEdited: value => field.edited(value)
    }
}
